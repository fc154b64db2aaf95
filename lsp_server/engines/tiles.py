"""Keeps llama.cpp from the processor's matrix unit (AMX), which it configures wrongly: the first prompt crashes.

Its request for the unit is made to fail, and it computes as on processors without one. The defect and its cause are
https://github.com/ggml-org/llama.cpp/issues/20824 and pull request 26954 there; once the bound llama.cpp has a mended
version this module goes. It never loads the library.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_SMALL_BYTES = 4096
"""More than the least stack for signals (2,048 bytes), less than what a signal needs with the unit's 8,192."""


class Stack(ctypes.Structure):
    """``stack_t`` of ``sigaltstack(2)`` on Linux."""

    _fields_ = (("address", ctypes.c_void_p), ("flags", ctypes.c_int), ("bytes", ctypes.c_size_t))


@contextmanager
def withheld() -> Iterator[None]:
    """Nobody in this process is given the matrix unit while the block runs. Nothing happens except on Linux.

    Linux grants it only to processes whose stacks for signals have room for its registers (``xstate.rst`` of the
    kernel's documentation), so this thread gets one that has not.
    """
    if sys.platform != "linux":
        yield
        return
    exchange = ctypes.CDLL(None).sigaltstack
    memory = ctypes.create_string_buffer(_SMALL_BYTES)
    before = Stack()
    exchange(ctypes.byref(Stack(ctypes.addressof(memory), 0, _SMALL_BYTES)), ctypes.byref(before))
    try:
        with _silence():
            yield
    finally:
        exchange(ctypes.byref(before), None)


@contextmanager
def _silence() -> Iterator[None]:
    """The library says that it was refused, past its own log, where a user would read it."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
