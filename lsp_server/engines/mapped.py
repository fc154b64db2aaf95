"""Pages of a model's file that were read once: the library arranges some weights anew, and keeps what they came from.

Only on Linux; elsewhere, and where anything is other than expected, nothing is done.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path

_MADV_DONTNEED = 4


def release(path: Path) -> None:
    """Take the file's pages out of this process; those that are needed come back from the system's cache."""
    if sys.platform != "linux":
        return
    with suppress(OSError, ValueError):
        libc = ctypes.CDLL(None)
        for start, end in _mappings(path):
            libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), _MADV_DONTNEED)


def _mappings(path: Path) -> list[tuple[int, int]]:
    """Where the file lies in memory; only what nobody can write to, so that nothing is lost."""
    found = []
    device, number = (status := path.stat()).st_dev, status.st_ino
    for line in Path("/proc/self/maps").read_text(encoding="utf-8", errors="surrogateescape").splitlines():
        addresses, rights, _, where, inode, *_ = line.split(maxsplit=5)
        major, minor = (int(part, 16) for part in where.split(":"))
        if int(inode) == number and os.makedev(major, minor) == device and "w" not in rights:
            start, _, end = addresses.partition("-")
            found.append((int(start, 16), int(end, 16)))
    return found
