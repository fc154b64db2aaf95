"""What all commands share of the terminal: answers go to stdout, everything about their making to stderr."""

from __future__ import annotations

import sys
from typing import TextIO

from rich.console import Console

_PIPE_WIDTH = 240
"""Columns when nobody's terminal says how wide it is: tables stay readable in logs."""


def answers() -> Console:
    """For what was asked."""
    return _console(sys.stdout)


def notices() -> Console:
    """For progress and remarks."""
    return _console(sys.stderr)


def _console(stream: TextIO) -> Console:
    return Console(file=stream, width=None if stream.isatty() else _PIPE_WIDTH, highlight=False)
