"""Alternatives over one evaluated prompt: grown side by side, or scored by their likelihood.

They are sequences that share the prompt's cells, decoded in common batches: four at once cost little more than
two one after the other. It never evaluates the prompt itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lsp_server.core.generation import Branch
from lsp_server.engines.answer import Answer
from lsp_server.engines.model import Logits, Model, Row, log_probabilities
from lsp_server.engines.prefix import Slot


@dataclass
class _Growing:
    """A branch while it grows in ``sequence``; ``token`` is decided and not yet evaluated."""

    sequence: int
    answer: Answer
    token: int
    log_probability: float
    position: int
    text: str = ""
    tokens: int = 0
    ended: bool = False


class Branches:
    """The ``width`` likeliest first tokens after the slot's prompt, of which ``logits`` speak, and what follows each.

    A branch's log probability is that of all its tokens, the one that ended it included. `forget` them when done.
    """

    def __init__(self, model: Model, slot: Slot, logits: Logits, width: int, stops: Sequence[str]) -> None:
        self._model = model
        firsts = np.argsort(-logits, kind="stable")[:width]
        scores = log_probabilities(logits, firsts)
        self._all = [
            _Growing(_fork(model, slot, number), Answer(stops), int(token), float(score), len(slot.tokens))
            for number, (token, score) in enumerate(zip(firsts, scores, strict=True))
        ]

    def grow(self, max_tokens: int) -> None:
        """Decode all of them, one token each a batch, until every one has ended."""
        for branch in self._all:
            self._take(branch, max_tokens)
        while alive := [branch for branch in self._all if not branch.ended]:
            self._model.decode([Row(branch.token, branch.position, branch.sequence) for branch in alive])
            for row, branch in enumerate(alive):
                logits = self._model.logits(row)
                branch.token = int(logits.argmax())
                branch.log_probability += float(log_probabilities(logits, np.array([branch.token]))[0])
                branch.position += 1
                self._take(branch, max_tokens)

    def _take(self, branch: _Growing, max_tokens: int) -> None:
        """Add the decided token to the branch's text, or end the branch."""
        if self._model.ends(branch.token):
            branch.ended = True
        else:
            branch.tokens += 1
            branch.text += branch.answer.add(self._model.piece(branch.token))
            branch.ended = branch.answer.stopped or branch.tokens >= max_tokens
        if branch.ended:
            branch.text += branch.answer.rest()

    def ended(self) -> list[Branch]:
        """Those that have ended, the likeliest first token first."""
        return [Branch(one.text, one.log_probability, one.tokens) for one in self._all if one.ended]

    def forget(self) -> None:
        """Give their sequences back."""
        _forget(self._model, (branch.sequence for branch in self._all))


class Tails:
    """Texts as tokens, whose log probability after the slot's prompt is wanted; ``logits`` speak of their first."""

    def __init__(self, model: Model, slot: Slot, logits: Logits, tails: Sequence[list[int]]) -> None:
        self._model = model
        self._slot = slot
        self._tails = tails
        firsts = np.array([tail[0] if tail else 0 for tail in tails], dtype=np.int64)
        scores = log_probabilities(logits, firsts)
        self._totals = [float(score) if tail else 0.0 for tail, score in zip(tails, scores, strict=True)]

    def score(self, room: int, make_room: Callable[[int], None]) -> list[float]:
        """The natural-log probability of each, ``room`` tokens at most together at a time."""
        for group in self._groups(room):
            make_room(sum(len(self._tails[index]) for index in group))
            self._add(group)
        return self._totals

    def _groups(self, room: int) -> Iterator[list[int]]:
        """Indices of the tails that are evaluated together: as many as there are sequences and room for."""
        group: list[int] = []
        filled = 0
        for index, tail in enumerate(self._tails):
            if group and (len(group) == self._model.branches or filled + len(tail) > room):
                yield group
                group, filled = [], 0
            group.append(index)
            filled += len(tail)
        if group:
            yield group

    def _add(self, group: Sequence[int]) -> None:
        """Add the log probabilities of the group's tokens, all but the first of each, to the totals."""
        sequences = {index: _fork(self._model, self._slot, number) for number, index in enumerate(group)}
        try:
            steps = list(self._steps(sequences))
            for begin in range(0, len(steps), self._model.wanted_tokens):
                batch = steps[begin : begin + self._model.wanted_tokens]
                self._model.decode([row for _, _, row in batch])
                for number, (index, following, _) in enumerate(batch):
                    logits = self._model.logits(number)
                    self._totals[index] += float(log_probabilities(logits, np.array([following]))[0])
        finally:
            _forget(self._model, sequences.values())

    def _steps(self, sequences: dict[int, int]) -> Iterator[tuple[int, int, Row]]:
        """Of every tail: its index, the token that follows, and the row whose logits speak of that token."""
        start = len(self._slot.tokens)
        for index, sequence in sequences.items():
            tail = self._tails[index]
            for at, (token, following) in enumerate(pairwise(tail)):
                yield index, following, Row(token, start + at, sequence)


def _fork(model: Model, slot: Slot, number: int) -> int:
    """A sequence that goes on from the slot's tokens; numbered after those of the prompts."""
    sequence = model.prompts_kept + number
    model.share(slot.sequence, sequence, len(slot.tokens))
    return sequence


def _forget(model: Model, sequences: Iterable[int]) -> None:
    for sequence in sequences:
        model.truncate(sequence, 0)
