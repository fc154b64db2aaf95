"""Greedy decoding over any model that evaluates batches of tokens: answers, branches, scores.

The algorithms of the engine without its library: what is evaluated, what is reused, when it ends. It never
knows which library computes, and no prompt's meaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import NamedTuple, Protocol, cast

import numpy as np
import numpy.typing as npt

from lsp_server.core.generation import Branch, Limits, Piece, Prompt, Usage
from lsp_server.engines.answer import Answer
from lsp_server.engines.base import PromptTooLong
from lsp_server.engines.prefix import PromptMemory, Slot, Store
from lsp_server.engines.watch import Interrupted, Watch

Logits = npt.NDArray[np.float32]


class Row(NamedTuple):
    """One token of a batch: its place in its sequence, and whether what follows it is asked for."""

    token: int
    position: int
    sequence: int
    wanted: bool = True


class Model(Store, Protocol):
    """What a library must offer. Sequences are numbered from 0 and share ``context_tokens`` cells."""

    facts: dict[str, object]
    context_tokens: int
    prompts_kept: int
    branches: int
    batch_tokens: int

    def tokens(self, prompt: Prompt) -> list[int]:
        """The prompt's tokens, at least one; control tokens only where a segment is special."""
        ...

    def text_tokens(self, text: str) -> list[int]:
        """Tokens of literal text that stands in the middle of something."""
        ...

    def piece(self, token: int) -> bytes:
        """The token's bytes, which may be part of a character."""
        ...

    def ends(self, token: int) -> bool:
        """The token ends an answer, or is none that an answer can hold."""
        ...

    def decode(self, rows: Sequence[Row]) -> None:
        """Evaluate at most ``batch_tokens`` rows. Raises Interrupted, and then has kept none of them."""
        ...

    def logits(self, row: int) -> Logits:
        """Of the last batch's wanted row at that index, [vocabulary]; a view that the next batch overwrites."""
        ...


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

    def branch(self) -> Branch:
        """The branch it has become."""
        return Branch(self.text, self.log_probability, self.tokens)


@dataclass
class _Meter:
    """Times and counts of one generation."""

    usage: Usage
    began: float = field(default_factory=monotonic)
    prompted: float | None = None

    def prompt_done(self) -> Usage:
        """The prompt is evaluated."""
        self.prompted = monotonic()
        return self.so_far()

    def token(self) -> int:
        """Count one more generated token; how many there are."""
        generated = self.usage.generated_tokens + 1
        self.usage = replace(self.usage, generated_tokens=generated)
        return generated

    def so_far(self) -> Usage:
        """Counts and times until now."""
        now = monotonic()
        prompted = now if self.prompted is None else self.prompted
        return replace(self.usage, prompt_seconds=prompted - self.began, generation_seconds=now - prompted)


class GreedyEngine:
    """Implements `Engine` and `Ranker` over a `Model`. ``watch`` is what interrupts the model's ``decode``."""

    def __init__(self, model: Model, watch: Watch) -> None:
        self.facts = model.facts
        self._model = model
        self._watch = watch
        self._memory = PromptMemory(model, model.prompts_kept, model.context_tokens)

    def stream(self, prompt: Prompt, limits: Limits) -> Iterator[Piece]:
        """See `Engine`. Raises PromptTooLong, and Interrupted when the watch was told to give up."""
        self._watch.begin(limits.seconds)
        tokens, slot = self._placed(prompt, limits.max_tokens)
        meter = _Meter(Usage(len(tokens), len(slot.tokens)))
        answer = Answer(prompt.stops)
        try:
            logits = self._asked(slot, tokens)
            yield Piece("", usage=meter.prompt_done())
            yield from self._generate(slot, logits, answer, limits.max_tokens, meter)
        except Interrupted:
            if not self._watch.late:
                raise
            yield Piece(answer.rest(), ended="deadline", usage=meter.so_far())

    def _generate(self, slot: Slot, logits: Logits, answer: Answer, max_tokens: int, meter: _Meter) -> Iterator[Piece]:
        held, ended = 0, "" if max_tokens > 0 else "length"
        text = ""
        while not ended:
            token = int(logits.argmax())
            if self._model.ends(token):
                ended = "stop"
                break
            held += 1
            generated = meter.token()
            text = answer.add(self._model.piece(token))
            ended = "stop" if answer.stopped else "length" if generated == max_tokens else ""
            if text and not ended:
                yield Piece(text, tokens=held)
                text, held = "", 0
            if not ended:
                logits = self._evaluate(slot, [*slot.tokens, token])
        yield Piece(text + answer.rest(), tokens=held, ended=ended, usage=meter.so_far())

    def branches(self, prompt: Prompt, width: int, limits: Limits) -> list[Branch]:
        """See `Ranker`: the likeliest first token first. What had not ended by the deadline is left out.

        A branch's log probability is that of all its tokens, the one that ended it included.
        """
        self._watch.begin(limits.seconds)
        width = min(width, self._model.branches)
        tokens, slot = self._placed(prompt, width * limits.max_tokens)
        growing: list[_Growing] = []
        try:
            growing = self._sprouts(slot, self._asked(slot, tokens), width, prompt.stops)
            self._grow(growing, limits.max_tokens)
        except Interrupted:
            if not self._watch.late:
                raise
        finally:
            self._forget(branch.sequence for branch in growing)
        return [branch.branch() for branch in growing if branch.ended]

    def _sprouts(self, slot: Slot, logits: Logits, width: int, stops: Sequence[str]) -> list[_Growing]:
        firsts = np.argsort(-logits, kind="stable")[:width]
        scores = log_probabilities(logits, firsts)
        return [
            _Growing(self._fork(slot, number), Answer(stops), int(token), float(score), len(slot.tokens))
            for number, (token, score) in enumerate(zip(firsts, scores, strict=True))
        ]

    def _grow(self, growing: Sequence[_Growing], max_tokens: int) -> None:
        """Decode all of them side by side, one token each a batch, until every one has ended."""
        for branch in growing:
            self._take(branch, max_tokens)
        while alive := [branch for branch in growing if not branch.ended]:
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

    def score(self, prompt: Prompt, continuations: Sequence[str]) -> list[float]:
        """See `Ranker`. Each continuation is tokenised by itself, not together with the prompt's end."""
        self._watch.begin(None)
        tails = [self._model.text_tokens(text) for text in continuations]
        tokens, slot = self._placed(prompt, max(map(len, tails), default=0))
        logits = self._asked(slot, tokens)
        firsts = np.array([tail[0] if tail else 0 for tail in tails], dtype=np.int64)
        scores = log_probabilities(logits, firsts)
        totals = [float(score) if tail else 0.0 for tail, score in zip(tails, scores, strict=True)]
        for group in self._groups(tails, self._model.context_tokens - len(tokens)):
            self._memory.make_room(slot, len(tokens) + sum(len(tails[index]) for index in group))
            self._add_tails(slot, tails, group, totals)
        return totals

    def _groups(self, tails: Sequence[Sequence[int]], room: int) -> Iterator[list[int]]:
        """Indices of the tails that are evaluated together: as many as there are sequences and room for."""
        group: list[int] = []
        filled = 0
        for index, tail in enumerate(tails):
            if group and (len(group) == self._model.branches or filled + len(tail) > room):
                yield group
                group, filled = [], 0
            group.append(index)
            filled += len(tail)
        if group:
            yield group

    def _add_tails(self, slot: Slot, tails: Sequence[list[int]], group: Sequence[int], totals: list[float]) -> None:
        """Add the log probabilities of all tokens but the first of the group's tails to ``totals``."""
        sequences = {index: self._fork(slot, number) for number, index in enumerate(group)}
        start = len(slot.tokens)
        steps = [
            (index, following, Row(token, start + at, sequences[index]))
            for index in group
            for at, (token, following) in enumerate(zip(tails[index], tails[index][1:], strict=False))
        ]
        try:
            for begin in range(0, len(steps), self._model.batch_tokens):
                batch = steps[begin : begin + self._model.batch_tokens]
                self._model.decode([row for _, _, row in batch])
                for number, (index, following, _) in enumerate(batch):
                    totals[index] += float(log_probabilities(self._model.logits(number), np.array([following]))[0])
        finally:
            self._forget(sequences.values())

    def _placed(self, prompt: Prompt, more: int) -> tuple[list[int], Slot]:
        tokens = self._model.tokens(prompt)
        if len(tokens) + more > self._model.context_tokens:
            raise PromptTooLong.of(len(tokens), more, self._model.context_tokens)
        return tokens, self._memory.place(tokens, more)

    def _asked(self, slot: Slot, tokens: Sequence[int]) -> Logits:
        """What the model says after the prompt ``tokens``, remembered in the slot for the next who asks the same."""
        if slot.outcome is None or slot.asked != len(tokens):
            slot.outcome, slot.asked = self._evaluate(slot, tokens).copy(), len(tokens)
        return cast(Logits, slot.outcome)

    def _evaluate(self, slot: Slot, tokens: Sequence[int]) -> Logits:
        """Evaluate what of ``tokens`` is not yet in the slot. An interruption keeps the batches before it.

        Batches end at multiples of their size, wherever they begin: the same prompt is cut in the same way
        whether it comes at once or grows.
        """
        size = self._model.batch_tokens
        while (start := len(slot.tokens)) < len(tokens):
            end = min(len(tokens), (start // size + 1) * size)
            last = len(tokens) - 1
            self._model.decode([Row(tokens[at], at, slot.sequence, at == last) for at in range(start, end)])
            slot.tokens.extend(tokens[start:end])
        return self._model.logits(-1)

    def _fork(self, slot: Slot, number: int) -> int:
        """A sequence that goes on from the slot's tokens; numbered after those of the prompts."""
        sequence = self._model.prompts_kept + number
        self._model.share(slot.sequence, sequence, len(slot.tokens))
        return sequence

    def _forget(self, sequences: Iterable[int]) -> None:
        for sequence in sequences:
            self._model.truncate(sequence, 0)


def log_probabilities(logits: Logits, tokens: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Natural-log probabilities [tokens] under the softmax of ``logits`` [vocabulary]."""
    highest = logits.max()
    normaliser = highest + np.log(np.exp(logits - highest).sum(dtype=np.float64))
    return np.asarray(logits[tokens] - normaliser, dtype=np.float32)
