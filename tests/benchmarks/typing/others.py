"""Other programs that want the processor, as a compiler does while somebody types."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_ENDLESS = "while True: pass"


@contextmanager
def busy(cores: int) -> Iterator[None]:
    """So many of the machine's cores are wanted by processes of ordinary priority while the block runs."""
    processes = [subprocess.Popen([sys.executable, "-c", _ENDLESS]) for _ in range(cores)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()
