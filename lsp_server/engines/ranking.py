"""Alternatives over one evaluated prompt: grown side by side, or scored by their likelihood.

They are sequences that share the prompt's cells, decoded in common batches: four at once cost little more than
two one after the other. It never evaluates the prompt itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from lsp_server.core.generation import Branch
from lsp_server.engines.model import Logits, Model, Row, log_probabilities
from lsp_server.engines.prefix import Slot
from lsp_server.engines.writing import Writing


@dataclass
class _Growing:
    """A branch while it grows in ``sequence``; the last of ``tokens`` is decided and not yet evaluated."""

    sequence: int
    writing: Writing
    tokens: list[int] = field(default_factory=list)
    log_probability: float = 0.0
    text: str = ""
    ended: bool = False


class _Departure(NamedTuple):
    """``token`` instead of the greedy one after the first ``at``, and how likely the answer is thus far."""

    log_probability: float
    at: int
    token: int


class Branches:
    """The greedy answer after the slot's prompt, of which ``logits`` speak, and its likeliest departures.

    A departure takes another token at one place and goes on greedily from there: where a model hesitates is where
    it may be wrong. (Other first tokens alone would mostly be other indentations.) A branch's log probability is that
    of all its tokens, the one that ended it included. All are written as ``writing``, which has not begun. `forget`
    them when done.
    """

    def __init__(self, model: Model, slot: Slot, logits: Logits, width: int, writing: Writing) -> None:
        self._model = model
        self._slot = slot
        self._logits = logits
        self._width = width
        self._writing = writing
        self._all: list[_Growing] = []

    def grow(self, max_tokens: int) -> None:
        """Decode the greedy answer, then all departures side by side, one token each a batch."""
        elsewhere = self._grow_greedy(max_tokens)
        for departure in sorted(elsewhere, reverse=True)[: self._width - 1]:
            self._depart(departure, max_tokens)
        while alive := [branch for branch in self._all if not branch.ended]:
            self._model.decode([self._row(branch) for branch in alive])
            for row, branch in enumerate(alive):
                self._continue(branch, self._model.logits(row), max_tokens)

    def _grow_greedy(self, max_tokens: int) -> list[_Departure]:
        """The first branch, to its end; where it could have been left."""
        greedy = self._begin(self._slot.sequence, len(self._slot.tokens))
        elsewhere = self._departures(greedy, self._logits)
        self._continue(greedy, self._logits, max_tokens)
        while not greedy.ended:
            self._model.decode([self._row(greedy)])
            logits = self._model.logits(0)
            elsewhere += self._departures(greedy, logits)
            self._continue(greedy, logits, max_tokens)
        return elsewhere

    def _begin(self, source: int, length: int) -> _Growing:
        """A new branch after the first ``length`` tokens of the sequence ``source``."""
        sequence = _fork(self._model, source, len(self._all), length)
        branch = _Growing(sequence, self._writing.afresh())
        self._all.append(branch)
        return branch

    def _departures(self, greedy: _Growing, logits: Logits) -> list[_Departure]:
        """The likeliest other tokens that ``logits`` give where ``greedy`` is."""
        if self._width < 2:
            return []
        allowed = greedy.writing.allowed(logits)
        likeliest = np.argpartition(-allowed, self._width)[: self._width]
        others = likeliest[(likeliest != greedy.writing.best(logits)) & np.isfinite(allowed[likeliest])]
        scores = greedy.log_probability + log_probabilities(logits, others)
        at = len(greedy.tokens)
        return [_Departure(float(score), at, int(token)) for score, token in zip(scores, others, strict=True)]

    def _depart(self, departure: _Departure, max_tokens: int) -> None:
        greedy = self._all[0]
        branch = self._begin(greedy.sequence, len(self._slot.tokens) + departure.at)
        for token in greedy.tokens[: departure.at]:
            self._take(branch, token, max_tokens)
        branch.log_probability = departure.log_probability
        self._take(branch, departure.token, max_tokens)

    def _row(self, branch: _Growing) -> Row:
        """The branch's last token, to be evaluated."""
        return Row(branch.tokens[-1], len(self._slot.tokens) + len(branch.tokens) - 1, branch.sequence)

    def _continue(self, branch: _Growing, logits: Logits, max_tokens: int) -> None:
        token = branch.writing.best(logits)
        branch.log_probability += float(log_probabilities(logits, np.array([token]))[0])
        self._take(branch, token, max_tokens)

    def _take(self, branch: _Growing, token: int, max_tokens: int) -> None:
        """Add a decided token to the branch's text, or end the branch."""
        if self._model.ends(token):
            branch.ended = True
        else:
            branch.tokens.append(token)
            branch.text += branch.writing.take(token)
            branch.ended = branch.writing.ended or len(branch.tokens) >= max_tokens
        if branch.ended:
            branch.text += branch.writing.rest()

    def ended(self) -> list[Branch]:
        """Those that have ended: the greedy one, then departures, the likeliest to be taken first."""
        return [Branch(one.text, one.log_probability, len(one.tokens)) for one in self._all if one.ended]

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
        sequences = {index: self._begin(number) for number, index in enumerate(group)}
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

    def _begin(self, number: int) -> int:
        return _fork(self._model, self._slot.sequence, number, len(self._slot.tokens))

    def _steps(self, sequences: dict[int, int]) -> Iterator[tuple[int, int, Row]]:
        """Of every tail: its index, the token that follows, and the row whose logits speak of that token."""
        start = len(self._slot.tokens)
        for index, sequence in sequences.items():
            tail = self._tails[index]
            for at, (token, following) in enumerate(pairwise(tail)):
                yield index, following, Row(token, start + at, sequence)


def _fork(model: Model, source: int, number: int, length: int) -> int:
    """A sequence that goes on after the first ``length`` tokens of ``source``; numbered after those of the prompts."""
    sequence = model.prompts_kept + number
    model.share(source, sequence, length)
    return sequence


def _forget(model: Model, sequences: Iterable[int]) -> None:
    for sequence in sequences:
        model.truncate(sequence, 0)
