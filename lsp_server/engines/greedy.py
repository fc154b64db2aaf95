"""Greedy decoding over any model that evaluates batches of tokens: the algorithms of the engine without its library.

What is evaluated, what is reused, when it ends. It never knows which library computes, and no prompt's meaning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import cast

from lsp_server.core.generation import Branch, Limits, Piece, Prompt, Reading, Usage
from lsp_server.engines.base import PromptTooLong
from lsp_server.engines.beginning import Beginning
from lsp_server.engines.constraint import Constraints
from lsp_server.engines.model import Logits, Model, Row
from lsp_server.engines.prefix import PromptMemory, Slot
from lsp_server.engines.ranking import Branches, Tails
from lsp_server.engines.reading import judged, readings
from lsp_server.engines.watch import Interrupted, Watch
from lsp_server.engines.writing import Writing

_SMALLEST_STEP = 32
"""Tokens; smaller batches take much longer a token."""


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
        self.totals = {"promptTokens": 0, "reusedTokens": 0}
        self._model = model
        self._watch = watch
        self._constraints = Constraints(model, watch)
        self._memory = PromptMemory(model, model.prompts_kept, model.room)
        self._step = model.batch_tokens

    def stream(self, prompt: Prompt, limits: Limits) -> Iterator[Piece]:
        """See `Engine`. Raises PromptTooLong, and Interrupted when the watch was told to give up."""
        self._watch.begin(limits.seconds)
        tokens, slot = self._placed(prompt, limits.max_tokens, limits.max_tokens)
        meter, writing = _Meter(Usage(len(tokens), len(slot.tokens))), None
        try:
            writing = self._writing(prompt)
            logits = self._asked(slot, tokens)
            yield Piece("", usage=meter.prompt_done())
            yield from self._generate(slot, logits, writing, limits.max_tokens, meter)
        except Interrupted:
            if not self._watch.late:
                raise
            yield Piece(writing.rest() if writing else "", ended="deadline", usage=meter.so_far())

    def _generate(
        self, slot: Slot, logits: Logits, writing: Writing, max_tokens: int, meter: _Meter
    ) -> Iterator[Piece]:
        held, ended = 0, "" if max_tokens > 0 else "length"
        text = ""
        while not ended:
            token = writing.best(logits)
            if self._model.ends(token):
                ended = "stop"
                break
            held += 1
            generated = meter.token()
            text = writing.take(token)
            ended = "stop" if writing.ended else "length" if generated == max_tokens else ""
            if text and not ended:
                yield Piece(text, tokens=held)
                text, held = "", 0
            if not ended:
                logits = self._evaluate(slot, [*slot.tokens, token])
        yield Piece(text + writing.rest(), tokens=held, ended=ended, usage=meter.so_far())

    def _writing(self, prompt: Prompt) -> Writing:
        begun = prompt.begun.encode("utf-8", "replace")
        choice = Beginning(self._model, begun) if begun else self._constraints.choice(prompt.schema)
        return Writing(self._model, choice, prompt)

    def branches(self, prompt: Prompt, width: int, limits: Limits) -> list[Branch]:
        """See `Ranker` and `Branches`. What had not ended by the deadline is left out."""
        self._watch.begin(limits.seconds)
        width = min(width, self._model.branches)
        tokens, slot = self._placed(prompt, limits.max_tokens, width * limits.max_tokens)
        try:
            writing = self._writing(prompt)
            grown = Branches(self._model, slot, self._asked(slot, tokens), width, writing)
        except Interrupted:
            return self._unless_late([])
        try:
            grown.grow(limits.max_tokens)
            return grown.ended()
        except Interrupted:
            return self._unless_late(grown.ended())
        finally:
            grown.forget()

    def _unless_late(self, found: list[Branch]) -> list[Branch]:
        """What was found when the time was up; an interruption for any other reason goes on."""
        if not self._watch.late:
            raise Interrupted
        return found

    def score(self, prompt: Prompt, continuations: Sequence[str]) -> list[float]:
        """See `Ranker`. Each continuation is tokenised by itself, not together with the prompt's end."""
        self._watch.begin(None)
        tails = [self._model.text_tokens(text) for text in continuations]
        longest = max(map(len, tails), default=0)
        tokens, slot = self._placed(prompt, longest, longest)
        scored = Tails(self._model, slot, self._asked(slot, tokens), tails)
        length = len(slot.tokens)
        return scored.score(self._model.room - length, lambda more: self._memory.make_room(slot, length + more))

    def read(self, prompt: Prompt, text: str) -> list[Reading]:
        """See `Ranker`. The text is tokenised by itself, and stays evaluated for who asks about a place in it."""
        self._watch.begin(None)
        tail = self._model.text_tokens(text)
        tokens, slot = self._placed(prompt, len(tail), len(tail))
        found = list(judged(self._model, slot, self._asked(slot, tokens), tail))
        return readings(self._model, text, tail, found)

    def _placed(self, prompt: Prompt, longest: int, more: int) -> tuple[list[int], Slot]:
        """The prompt's tokens and their slot, with room for ``more`` tokens of answers, each ``longest`` at most."""
        tokens = self._model.tokens(prompt)
        if len(tokens) + longest > self._model.context_tokens:
            raise PromptTooLong.of(len(tokens), longest, self._model.context_tokens)
        if len(tokens) + more > self._model.room:
            raise PromptTooLong.of(len(tokens), more, self._model.room)
        slot = self._memory.place(tokens, more)
        self.totals["promptTokens"] += len(tokens)
        self.totals["reusedTokens"] += len(slot.tokens)
        return tokens, slot

    def _asked(self, slot: Slot, tokens: Sequence[int]) -> Logits:
        """What the model says after the prompt ``tokens``, remembered in the slot for the next who asks the same."""
        if slot.outcome is None:
            slot.outcome = self._evaluate(slot, tokens).copy()
        return cast(Logits, slot.outcome)

    def _evaluate(self, slot: Slot, tokens: Sequence[int]) -> Logits:
        """Evaluate what of ``tokens`` is not yet in the slot; what the model says after them.

        An interruption loses the batch it falls into. Batches are halved for whoever interrupts again and
        again, so that a prompt gets evaluated even while every keystroke cancels.
        """
        last = len(tokens) - 1
        while (start := len(slot.tokens)) < len(tokens):
            end = min(len(tokens), start + self._step)
            try:
                self._model.decode([Row(tokens[at], at, slot.sequence, at == last) for at in range(start, end)])
            except Interrupted:
                if end - start > _SMALLEST_STEP:
                    self._step = max(self._step // 2, _SMALLEST_STEP)
                raise
            slot.tokens.extend(tokens[start:end])
        self._step = self._model.batch_tokens
        return self._model.logits(-1)
