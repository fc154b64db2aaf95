"""What processes cost: processor time and memory of a process with everything that it started."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import psutil


def processor_seconds(root: int) -> float:
    """Of the process, of those it started that live, and of those that ended and were waited for."""
    return sum(_spent(process) for process in _tree(root))


def memory(root: int) -> list[dict[str, Any]]:
    """A row for every process: its program, and bytes resident, with its part of what is shared, and its own."""
    rows = []
    for process in _tree(root):
        with suppress(psutil.NoSuchProcess):
            held = process.memory_full_info()
            rows.append(
                {"process": _title(process), "rss": held.rss, "pss": getattr(held, "pss", held.rss), "uss": held.uss}
            )
    return rows


def _tree(root: int) -> list[psutil.Process]:
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
