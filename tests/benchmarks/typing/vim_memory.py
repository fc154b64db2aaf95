"""What llama.vim remembers: the answers that it got, and chunks of the files that were looked at. Pure."""

from __future__ import annotations

import random
import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.benchmarks.typing.vim_context import Key, Local

MAX_CACHE_KEYS = 250
TYPED_THROUGH = 128
"""So many characters before the cursor an answer is looked for that begins with what was typed since."""

RING_N_CHUNKS, RING_CHUNK_SIZE, RING_SCOPE = 16, 64, 1024
RING_UPDATE_SECONDS = 1.0
_QUEUED = 16
_LEAST_LINES = 3


class Answers:
    """The newest answers by what they were asked for."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, str] = OrderedDict()

    def keep(self, asked: Local, answer: str) -> None:
        """Remember an answer, and forget the one that was not used for longest."""
        for key in asked.windows():
            self._kept[key] = answer
            self._kept.move_to_end(key)
            if len(self._kept) > MAX_CACHE_KEYS:
                self._kept.popitem(last=False)

    def exact(self, key: Key) -> str | None:
        """The answer to just that."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def known(self, asked: Local) -> bool:
        """Whether nothing need be asked."""
        return any(self.exact(key) is not None for key in asked.windows())

    def at(self, asked: Local) -> str | None:
        """The answer to that, or the rest of one that what was typed since begins; the longest rest."""
        found = self.exact(asked.key)
        if found is not None:
            return found
        before, after = asked.key
        rests = []
        for typed in range(1, min(TYPED_THROUGH, len(before)) + 1):
            answer = self.exact((before[:-typed], after))
            if answer is not None and answer.startswith(before[-typed:]):
                rests.append(answer[typed:])
        return max(rests, key=len, default="") or None


Chunk = tuple[str, ...]


@dataclass
class Ring:
    """Chunks that are sent along, and those that wait to be: they are taken up while nobody types."""

    chance: random.Random
    chunks: list[Chunk] = field(default_factory=list)
    queued: list[Chunk] = field(default_factory=list)

    def pick(self, lines: Sequence[str], evict: bool) -> None:
        """Take a part of ``lines`` by chance; what is much like it goes where that is to be evicted, else it stays."""
        if len(lines) < _LEAST_LINES:
            return
        chunk = tuple(lines) if len(lines) + 1 < RING_CHUNK_SIZE else self._part(lines)
        if chunk in self.chunks or chunk in self.queued:
            return
        alike = [old for old in (*self.queued, *self.chunks) if similarity(old, chunk) > 0.9]
        if alike and not evict:
            return
        self._forget(alike)
        self.queued = [*self.queued, chunk][-_QUEUED:]

    def update(self) -> bool:
        """Take up one chunk that waits; whether there was one."""
        if not self.queued:
            return False
        self.chunks = [*self.chunks, self.queued.pop(0)][-RING_N_CHUNKS:]
        return True

    def make_room(self, around: Sequence[str]) -> None:
        """Forget what is much like the text around the cursor: it would only be said again."""
        here = self._part(around)
        self._forget([chunk for chunk in self.chunks if similarity(chunk, here) > 0.5])

    def _part(self, lines: Sequence[str]) -> Chunk:
        start = self.chance.randint(0, max(0, len(lines) - RING_CHUNK_SIZE // 2))
        return tuple(lines[start : start + RING_CHUNK_SIZE // 2 + 1])

    def _forget(self, unwanted: Sequence[Chunk]) -> None:
        self.chunks = [chunk for chunk in self.chunks if chunk not in unwanted]
        self.queued = [chunk for chunk in self.queued if chunk not in unwanted]


def similarity(one: Sequence[str], other: Sequence[str]) -> float:
    """From 0 to 1: how many words two chunks have in common."""
    words, others = (re.findall(r"\w+", "\n".join(lines)) for lines in (one, other))
    common = sum(word in set(words) for word in others)
    return 2 * common / (len(words) + len(others)) if words or others else 1.0
