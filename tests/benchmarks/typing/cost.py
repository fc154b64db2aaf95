"""What processes cost: processor time and memory of a process with everything that it started."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import psutil


def processor_seconds(root: int) -> float:
    """Of the process, of those it started that live, and of those that ended and were waited for."""
    return sum(_spent(process) for process in tree(root))


def memory(root: int) -> list[dict[str, Any]]:
    """A row for every process: its program, and the bytes it holds, see `_held`."""
    rows = []
    for process in tree(root):
        with suppress(psutil.NoSuchProcess):
            rows.append({"process": _title(process), **_held(process.memory_full_info())})
    return rows


def _held(told: Any) -> dict[str, int]:
    """Resident; the same with its part of what is shared; what nobody else has; and what is not a file's."""
    own = told.rss - getattr(told, "shared", 0)
    return {"rss": told.rss, "pss": getattr(told, "pss", told.rss), "uss": told.uss, "own": own}


def tree(root: int) -> list[psutil.Process]:
    """The process and everything below it, as far as it lives."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(root)
        return [process, *process.children(recursive=True)]
    return []


def _spent(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        return float(sum(process.cpu_times()[:4]))  # user and system, its own and those of its ended children
    return 0.0


def _title(process: psutil.Process) -> str:
    """The module that Python runs, else the program."""
    words = process.cmdline()
    return words[words.index("-m") + 1] if "-m" in words[:-1] else process.name()
