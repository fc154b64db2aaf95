"""What is remembered of a model's files: where they lie, what they must be, and what they were when last hashed.

A record is written when all files are in place and is what makes them a model: a folder without one may be half of it.
It must never know where files come from or read their content.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from cattrs import Converter

_CONVERTER = Converter()
_CONVERTER.register_structure_hook(Path, lambda value, _: Path(value))
_CONVERTER.register_unstructure_hook(Path, os.fspath)


@dataclass(frozen=True)
class Promised:
    """A file as somebody vouches for it: ``name`` within the folder, with ``/``.

    ``digest`` is a SHA-256 (64 hexadecimal digits), the id git gives that content (40, for small files of a hub), or
    empty where nobody vouches; ``bytes`` 0 means any size.
    """

    name: str
    bytes: int
    digest: str = ""

    def allows(self, size: int, digest: str) -> bool:
        """Whether content of that size and hash keeps the promise."""
        return self.bytes in (size, 0) and self.digest in (digest, "")


@dataclass(frozen=True)
class Hashed:
    """What a file was when it was hashed."""

    digest: str
    bytes: int
    mtime_ns: int

    @classmethod
    def of(cls, path: Path, digest: str) -> Hashed:
        """For a file that is as it was hashed."""
        status = path.stat()
        return cls(digest, status.st_size, status.st_mtime_ns)


@dataclass(frozen=True)
class Record:
    """The files of a model in ``folder``; ``hashed`` by their names."""

    folder: Path
    files: tuple[Promised, ...]
    hashed: Mapping[str, Hashed] = field(default_factory=dict)

    def path(self, file: Promised) -> Path:
        """Where ``file`` is, or would be."""
        return self.folder / file.name

    def digest(self, file: Promised) -> str:
        """What ``file`` was hashed to, empty when it changed since or was never hashed that way; raises OSError."""
        known = self.hashed.get(file.name)
        if known is None or len(known.digest) != len(file.digest):
            return ""
        return known.digest if known == Hashed.of(self.path(file), known.digest) else ""

    def knowing(self, file: Promised, digest: str) -> Record:
        """With ``file``, as it is now, hashed to ``digest``."""
        return replace(self, hashed={**self.hashed, file.name: Hashed.of(self.path(file), digest)})


def read(path: Path) -> Record | None:
    """The record at ``path``, None when there is none that can be understood, or when its folder is gone."""
    try:
        record = _CONVERTER.structure(json.loads(path.read_text(encoding="utf-8")), Record)
        # A folder of ours is written relative to the record: the whole store may be moved.
        record = replace(record, folder=path.parent / record.folder)
        return record if record.folder.is_dir() else None
    except (OSError, ValueError, KeyError, TypeError, ExceptionGroup):
        return None


def write(path: Path, record: Record) -> None:
    """Replace the record at ``path`` in one step; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if record.folder.is_relative_to(path.parent):
        record = replace(record, folder=record.folder.relative_to(path.parent))
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        partial.write_text(json.dumps(_CONVERTER.unstructure(record), indent=1), encoding="utf-8")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
