"""A language model of a few lines, for the algorithms around a real one.

It predicts from the tokens that really lie in a row's sequence: an algorithm that loses, keeps or mixes up a
single cell gets another answer.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np

from lsp_server.core.generation import Prompt
from lsp_server.engines.greedy import GreedyEngine
from lsp_server.engines.model import Logits, Row
from lsp_server.engines.watch import Interrupted, Watch

ALPHABET = "abcdefgh \n(é€"
WORDS = [*(bytes([byte]) for byte in sorted({*ALPHABET.encode()})), b"ab", b"\n\n", b"<end>"]
"""Single bytes, so that characters are split between tokens, two longer words, and the end token."""


class ToyModel:
    """Implements `model.Model`; the last of ``words`` ends an answer.

    ``evaluated`` counts rows, ``interrupted`` is asked before a batch of so many.
    """

    def __init__(self, room: int = 400, *, forgets_in_part: bool = True, words: Sequence[bytes] = WORDS) -> None:
        self.facts: dict[str, object] = {"toy": True}
        self.context_tokens, self.room = room // 2, room
        self.prompts_kept, self.branches, self.batch_tokens, self.wanted_tokens = 3, 4, 64, 5
        self.vocabulary_size = len(words)
        self.evaluated = 0
        self.interrupted: Callable[[int], bool] = lambda rows: False
        self._words = words
        self._forgets_in_part = forgets_in_part
        self._sequences: list[list[int]] = [[] for _ in range(self.prompts_kept + self.branches)]
        self._logits: list[Logits] = []

    def tokens(self, prompt: Prompt) -> list[int]:
        return self.text_tokens("".join(segment.text for segment in prompt.segments))

    def text_tokens(self, text: str) -> list[int]:
        return [self._words.index(bytes([byte])) for byte in text.encode()]

    def piece(self, token: int) -> bytes:
        return self._words[token]

    def ends(self, token: int) -> bool:
        return token == len(self._words) - 1

    def decode(self, rows: Sequence[Row]) -> None:
        assert 0 < len(rows) <= self.batch_tokens
        if self.interrupted(len(rows)):
            raise Interrupted
        self._logits = []
        for row in rows:
            sequence = self._sequences[row.sequence]
            assert row.position == len(sequence) < self.context_tokens
            sequence.append(row.token)
            self._logits += [self.after(sequence)] if row.wanted else []
        assert len(self._logits) <= max(self.wanted_tokens, 1)
        self.evaluated += len(rows)
        assert self._cells() <= self.room

    def after(self, sequence: Sequence[int]) -> Logits:
        """What it says after these tokens."""
        chance = random.Random(repr(list(sequence)))
        return np.array([chance.gauss(0, 2) for _ in self._words], dtype=np.float32)

    def _cells(self) -> int:
        """Different prefixes that are held: what sequences share counts once."""
        return len({tuple(sequence[:end]) for sequence in self._sequences for end in range(1, len(sequence) + 1)})

    def logits(self, row: int) -> Logits:
        return self._logits[row]

    def truncate(self, sequence: int, length: int) -> bool:
        held = self._sequences[sequence]
        if 0 < length < len(held) and not self._forgets_in_part:
            return False
        del held[length:]
        return True

    def share(self, source: int, target: int, length: int) -> None:
        assert not self._sequences[target]
        self._sequences[target] = self._sequences[source][:length]


def toy_engine(model: ToyModel | None = None, cancelled: Callable[[], bool] = lambda: False) -> GreedyEngine:
    """An engine over a toy model of its own, or over the given one."""
    return GreedyEngine(model or ToyModel(), Watch(cancelled))
