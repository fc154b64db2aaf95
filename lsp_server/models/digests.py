"""Hashes of files, in the two ways that files are vouched for; content is read once and never kept in memory.

It must never know which file belongs to which model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from lsp_server.models.progress import Stage, Watch

_BLOCK = 1 << 20
_GIT_DIGITS = 40


def digest_of(path: Path, like: str, watch: Watch, before: int = 0) -> str:
    """The file's hash, of the kind that ``like`` is: git's id of a blob when it has 40 digits, else SHA-256.

    ``before`` bytes of the same act have been told to ``watch`` already. Raises OSError and what ``watch`` raises.
    """
    if len(like) == _GIT_DIGITS:
        digest = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    else:
        digest = hashlib.sha256()
    done = before
    for block in _blocks(path):
        digest.update(block)
        done += len(block)
        watch.at(Stage.VERIFYING, done)
    return digest.hexdigest()


def written(blocks: Iterable[bytes], watch: Watch, write: Callable[[bytes], object]) -> tuple[str, int]:
    """SHA-256 and size of ``blocks``, each of which is given to ``write``."""
    digest, size = hashlib.sha256(), 0
    for block in blocks:
        digest.update(block)
        write(block)
        size += len(block)
        watch.at(Stage.JOINING, size)
        if size > watch.total_bytes:
            # Untrusted data: more than was promised is wrong already, and need not fill the disk.
            break
    return digest.hexdigest(), size


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block
