"""How a model is asked questions: the turns of a conversation as one text, as data.

A model's row in ``models.json`` carries one `Dialogue` per name (``qa``, ``chat``, ``chatml`` …). This module knows
neither models nor what is talked about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lsp_server.core.generation import Prompt, Segment

_SLOT = re.compile(r"\{(system|number|request|answer)\}")


@dataclass(frozen=True)
class Exchange:
    """A question and its answer, as the model wrote it: with the blank or the line end that it began with."""

    request: str
    answer: str


@dataclass(frozen=True)
class Dialogue:
    """One way to hold a conversation with a model.

    ``turn`` is one exchange, with the slots ``{request}`` and, after it, ``{answer}``; ``{number}`` is the exchange's,
    counted from 0. ``opening`` stands once in front of all of them, and may have the slot ``{system}``, filled with
    ``system``. The question that is asked now ends the prompt where its answer belongs.

    ``plain``: what stands between the slots are words like any other, not control tokens, so the whole is one text. A
    model that was taught no more than text goes on to write the next turn; ``marks`` are how a line of that begins.
    ``stops`` are literal strings that end an answer wherever they stand.
    """

    turn: str
    opening: str = ""
    system: str = ""
    plain: bool = False
    marks: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        slots = [slot for slot in _SLOT.findall(self.turn) if slot != "number"]
        if slots != ["request", "answer"]:
            raise ValueError("`turn` has the slots {request} and, after it, {answer}, once each, and perhaps {number}")
        if _SLOT.findall(self.opening) != ["system"] * bool(self.system):
            raise ValueError("`opening` has the slot {system} where there is a text `system` for it, and no other slot")
        if self.plain != bool(self.marks) or not all(mark.strip() == mark != "" for mark in self.marks):
            raise ValueError("`marks` belong to a dialogue that is `plain`; each is a text that begins with no blank")

    @property
    def unmarked(self) -> bool:
        """Whether nothing marks a question as one, so that only the answer after it tells."""
        return self.turn.startswith("{request}")

    def prompt(self, past: Sequence[Exchange], request: str, stops: Sequence[str] = ()) -> Prompt:
        """The conversation up to the answer to ``request``; ``stops`` are the model's own."""
        segments = self._filled(self.opening, {"system": self.system})
        for number, exchange in enumerate(past):
            values = {"number": str(number), "request": exchange.request, "answer": exchange.answer}
            segments += self._filled(self.turn, values)
        question = self.turn.partition("{answer}")[0]
        segments += self._filled(question, {"number": str(len(past)), "request": request})
        return Prompt(tuple(segments), (*stops, *self.stops))

    def _filled(self, template: str, values: dict[str, str]) -> list[Segment]:
        """``template`` with its slots filled; a conversation of plain words is tokenised as one text."""
        parts = _SLOT.split(template)
        segments = [
            Segment(values[part]) if index % 2 else Segment(part, special=not self.plain)
            for index, part in enumerate(parts)
        ]
        return [segment for segment in segments if segment.text]


ANSWER = Dialogue("{request}\nAnswer:{answer}\n\n", plain=True, marks=("Answer:",))
"""What any model of text understands."""


def recent(past: Sequence[Exchange], characters: int) -> tuple[Exchange, ...]:
    """The end of a conversation, in ``characters`` at most.

    What does not fit any more is dropped in jumps of half of that: then the front of the prompt, which an engine has
    evaluated already, stays the same for several questions.
    """
    sizes = [len(exchange.request) + len(exchange.answer) for exchange in past]
    jump = max(characters // 2, 1)
    surplus = -(-max(sum(sizes) - characters, 0) // jump) * jump
    first = 0
    while surplus > 0 and first < len(sizes):
        surplus -= sizes[first]
        first += 1
    return tuple(past[first:])
