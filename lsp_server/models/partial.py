"""A file that arrives in parts, in any order, over any number of attempts: what is there is never fetched again.

The file has its full length from the start; beside it stands how much of every part has been written. It must never
know where the bytes come from.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PART_BYTES = 32 << 20


@dataclass(frozen=True)
class Span:
    """The bytes ``start`` to ``end`` of a file, the last one excluded."""

    start: int
    end: int


class Partial:
    """The file ``path`` on its way to ``size`` bytes of the content that ``tag`` names."""

    def __init__(self, path: Path, size: int, tag: str) -> None:
        self.path = path
        self.size = size
        self._facts = {"tag": tag, "bytes": size, "part_bytes": PART_BYTES}
        self._lock = threading.Lock()
        self._saved: list[int] = []
        self._written = self._kept() or [0] * -(-size // PART_BYTES)

    def begin(self) -> None:
        """Make the file, in its full length; raises OSError."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            file.truncate(self.size)

    @property
    def arrived_bytes(self) -> int:
        """How much of it is there."""
        return sum(self._written)

    @property
    def is_single(self) -> bool:
        """Whether it is one part."""
        return len(self._written) == 1

    def parts(self) -> Iterator[int]:
        """The numbers of the parts that are not whole yet."""
        return (part for part in range(len(self._written)) if self._written[part] < self._length(part))

    def missing(self, part: int) -> Span:
        """What is still to come of ``part``."""
        start = part * PART_BYTES
        return Span(start + self._written[part], start + self._length(part))

    def write(self, part: int, blocks: Iterator[bytes]) -> None:
        """Append ``blocks`` to ``part`` as they come; bytes beyond its end are not written."""
        with self.path.open("r+b", buffering=0) as file:
            file.seek(self.missing(part).start)
            for block in blocks:
                span = self.missing(part)
                kept = block[: span.end - span.start]
                if not kept:
                    return
                file.write(kept)
                self._written[part] += len(kept)

    def restart(self) -> None:
        """Forget what has arrived: it is not what it should be."""
        self._written = [0] * len(self._written)
        self.save()

    def save(self) -> None:
        """Remember how far it is; what is written after that is fetched again when this process is killed."""
        with self._lock:
            # Less than what is in the file by the time it is written here, never more.
            written = list(self._written)
            if written == self._saved:
                return
            new = self._state.with_name(self._state.name + ".new")
            new.write_text(json.dumps({**self._facts, "written": written}), encoding="utf-8")
            new.replace(self._state)
            self._saved = written

    def move(self, target: Path) -> None:
        """Move the whole file to ``target``, on the same disk, in one step; raises OSError."""
        with self.path.open("r+b") as file:
            # Else a loss of power could leave a file of the right size without its content.
            os.fsync(file.fileno())
        target.parent.mkdir(parents=True, exist_ok=True)
        self.path.replace(target)

    def discard(self) -> None:
        """Remove what is kept beside the file, and the file where it was not moved away."""
        self.path.unlink(missing_ok=True)
        self._state.unlink(missing_ok=True)

    @property
    def _state(self) -> Path:
        return self.path.with_name(self.path.name + ".parts")

    def _length(self, part: int) -> int:
        return min(PART_BYTES, self.size - part * PART_BYTES)

    def _kept(self) -> list[int]:
        """How far an earlier attempt at the same content came, empty when there was none."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            state = json.loads(self._state.read_text(encoding="utf-8"))
            written = [int(count) for count in state.pop("written")]
            if state == self._facts and self.path.stat().st_size == self.size:
                return written
        return []
