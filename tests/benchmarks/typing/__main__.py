"""``python -m tests.benchmarks.typing``."""

from __future__ import annotations

from tests.benchmarks.typing.command import main

if __name__ == "__main__":
    main()
