"""The matrix unit is withheld from whoever asks for it inside the block, and from nobody afterwards."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the matrix unit is asked for on Linux alone")

_STACK = """
import ctypes
from lsp_server.engines.tiles import Stack, withheld

def room():
    now = Stack()
    ctypes.CDLL(None).sigaltstack(None, ctypes.byref(now))
    return now.bytes

before = room()
with withheld():
    inside = room()
print(before == room(), 2048 <= inside <= 4096)
"""

_ASK = """
import ctypes
from lsp_server.engines.tiles import withheld

def asked():
    return ctypes.CDLL(None).syscall(158, 0x1023, 18)  # arch_prctl(ARCH_REQ_XCOMP_PERM, XTILEDATA)

with withheld():
    inside = asked()
print(inside, asked())
"""


def said(program: str) -> list[str]:
    """In a process of its own: a library that was loaded here may hold the unit already."""
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()


def test_the_stack_for_signals_is_small_inside_the_block_and_as_before_after_it():
    assert said(_STACK) == ["True", "True"]


@pytest.mark.skipif("amx_tile" not in Path("/proc/cpuinfo").read_text().split(), reason="needs a processor with AMX")
def test_the_kernel_refuses_the_unit_inside_the_block_and_grants_it_after_it():
    assert said(_ASK) == ["-1", "0"]
