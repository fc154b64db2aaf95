"""Memory that the C library keeps though nobody uses it any more. Only glibc's; elsewhere nothing is done."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

_M_ARENA_MAX = -8


def keep_one() -> None:
    """Threads share one heap: each of their own would keep what it once needed for a whole document."""
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Return to the system what is free in it; takes less than a millisecond."""
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).malloc_trim(0)
