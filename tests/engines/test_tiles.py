"""The matrix unit is withheld from whoever asks for it inside the block, and from nobody afterwards."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

from lsp_server.engines.tiles import Stack, withheld

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the matrix unit is asked for on Linux alone")

_ASK = """
import ctypes
from lsp_server.engines.tiles import withheld

def asked():
    return ctypes.CDLL(None).syscall(158, 0x1023, 18)  # arch_prctl(ARCH_REQ_XCOMP_PERM, XTILEDATA)

with withheld():
    inside = asked()
print(inside, asked())
"""


def stack_bytes() -> int:
    now = Stack()
    assert ctypes.CDLL(None).sigaltstack(None, ctypes.byref(now)) == 0
    return now.bytes


def test_the_stack_for_signals_is_small_inside_the_block_and_as_before_after_it():
    before = stack_bytes()
    with withheld():
        assert 2048 <= stack_bytes() <= 4096
    assert stack_bytes() == before


@pytest.mark.skipif("amx_tile" not in Path("/proc/cpuinfo").read_text().split(), reason="needs a processor with AMX")
def test_the_kernel_refuses_the_unit_inside_the_block_and_grants_it_after_it():
    asked = subprocess.run([sys.executable, "-c", _ASK], capture_output=True, text=True, check=True)
    assert asked.stdout.split() == ["-1", "0"]
