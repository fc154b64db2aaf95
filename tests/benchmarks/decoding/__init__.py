"""How fast the engine writes beside llama.cpp's own loop, and what drafts would bring: see `command`."""

from __future__ import annotations

from tests.benchmarks.decoding.command import main

__all__ = ["main"]
