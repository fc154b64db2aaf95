"""What the C library keeps."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="install Linux with glibc")

PROGRAM = """
import ctypes, sys, threading
from lsp_server.session import heap
if sys.argv[1] == "one":
    heap.keep_one()
together = threading.Barrier(8)
def work():
    together.wait()
    kept.append(bytes(20_000))
    together.wait()
kept = []
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
kept.clear()
heap.give_back()
libc = ctypes.CDLL(None)
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
"""


def heaps(wish: str) -> int:
    """How many a process has after threads have worked."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, wish], capture_output=True, text=True, check=True)
    return done.stdout.count("<heap nr=")


def test_threads_share_one_heap_where_that_is_wished():
    assert heaps("many") > 1
    assert heaps("one") == 1
