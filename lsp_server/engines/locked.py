"""Keeps this process in memory, so that a model that was not asked for an hour is not read back from a disk.

Only on Linux; a limit on how much may be locked is the system's to raise.
"""

from __future__ import annotations

import ctypes
import os
import sys

_MCL_CURRENT, _MCL_ONFAULT = 1, 4
"""What is here now, and only what was ever used of it: nothing is read for being locked. See mlockall(2)."""


def lock() -> str:
    """Lock what this process has in memory; why it could not, with what to do, empty where it was done."""
    if sys.platform != "linux":
        return "the model can be kept from being swapped out on Linux alone: `lockMemory` has no effect here"
    import resource  # noqa: PLC0415 -- there is none on Windows

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mlockall(_MCL_CURRENT | _MCL_ONFAULT) == 0:
        return ""
    most, _ = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    return (
        f"the model could not be kept from being swapped out ({os.strerror(ctypes.get_errno())}): a process may lock "
        f"{most / 1e6:,.0f} MB here; raise `memlock` in /etc/security/limits.conf, or set `lockMemory` to false"
    )
