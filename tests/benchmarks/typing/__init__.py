"""Replay of real typing through the language server and beside other ways: see `command`."""

from __future__ import annotations

from tests.benchmarks.typing.command import main

__all__ = ["main"]
