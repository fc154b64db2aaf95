"""What the benchmarks' command lines have in common."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

_COMMON: dict[str, dict[str, Any]] = {
    "model": {"default": "default", "help": "a name from `phi-lsp models list`, or a path"},
    "data": {"type": Path, "default": Path("../shared/data"), "help": "folder of the public data"},
    "every": {"type": int, "default": 1, "help": "take every n-th problem"},
    "offset": {"type": int, "default": 0, "help": "the first problem taken"},
    "threads": {"type": int, "default": 0, "help": "threads of the engine, 0: its own choice"},
    "scale": {"type": float, "default": 1.0, "help": "that part of the repetitions"},
    "json": {"type": Path, "help": "where every answer is kept"},
}


def command_line(module: str, text: str | None, *names: str) -> argparse.ArgumentParser:
    """A parser for ``python -m module`` with the common arguments of these names."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {module}", description=text, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in names:
        parser.add_argument(f"--{name}", **_COMMON[name])
    return parser
