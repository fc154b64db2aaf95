"""``python -m tests.benchmarks.decoding``."""

from __future__ import annotations

from tests.benchmarks.decoding.command import main

if __name__ == "__main__":
    main()
