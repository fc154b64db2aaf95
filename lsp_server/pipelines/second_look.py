"""What a model would change in a function: it reads it twice, writes what it would rather have, and weighs both.

The weight is how much likelier the function is with the change than without, to a model that writes it and to one
that mends it, together. It must never know of LSP, threads or disks.
"""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from lsp_server.core.dialogue import Dialogue
from lsp_server.core.doubts import Doubt, doubts
from lsp_server.core.excerpt import Excerpt
from lsp_server.core.finding import Edit
from lsp_server.core.generation import Limits, Prompt, Reading
from lsp_server.core.remedies import FENCE, lines_needed, remedy, uncommented
from lsp_server.engines.base import AsyncEngine

_WRITE = "Complete the function."
_MEND = "The function may contain a bug. Write it correctly."

_LINE_TOKENS = 48
_FOLLOWING = 5
"""Lines behind a change that are weighed together with it."""

_MENDING = 0.5
"""What the gain of who mends counts beside that of who writes; alone it finds fewer bugs than the other alone."""

_TRUSTED = 8.0
"""Nats of the writing's gain that count: from there on it is for who mends to agree."""

_SHORTER = 0.6
_TRUSTED_SHORTER = 4.0
"""The same where no more than this share of a line is left: the less a text says, the likelier it is."""

_HOPELESS = -8.0
"""Nats; who mends the function will not be talked into more by who writes it."""


@dataclass(frozen=True)
class Weighed:
    """A change of whole lines of an excerpt's body, and how much likelier, in nats, each of the readings makes it.

    Of ``written`` no more than ``trusted`` counts.
    """

    edit: Edit
    written: float
    mended: float
    trusted: float = math.inf

    @property
    def gain(self) -> float:
        """Both together; who mends copies, and so says less."""
        return min(self.written, self.trusted) + _MENDING * self.mended


@dataclass(frozen=True)
class _Look:
    """One way to read the function: after ``prompt``."""

    prompt: Prompt
    readings: Sequence[Reading] = ()


class SecondLook:
    """Looks at one function. ``dialogue`` is how its model is asked, ``stops`` are the model's own.

    Once it is ``late`` nothing more is begun, and what is there is all there is.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        excerpt: Excerpt,
        dialogue: Dialogue,
        stops: Sequence[str],
        late: Callable[[], bool] = lambda: False,
    ) -> None:
        self._engine = engine
        self._late = late
        self._excerpt = excerpt
        self._body = excerpt.body
        # Behind the body the model may miss a line, too.
        self._text = excerpt.body + (excerpt.behind or FENCE)
        # What the two have in common comes first, so that it is evaluated once.
        self._writing = _Look(_prompt(excerpt, dialogue, stops, excerpt.opening, _WRITE))
        self._mending = _Look(_prompt(excerpt, dialogue, stops, excerpt.whole, _MEND))

    async def read(self) -> list[Doubt]:
        """Where to look; the first thing to be done."""
        self._writing = await self._reading(self._writing)
        self._mending = await self._reading(self._mending)
        # What is behind a part of a body belongs to the next.
        most = len(self._body) if self._excerpt.behind else len(self._text)
        written, mended = (
            [one for one in look.readings if one.start < most] for look in (self._writing, self._mending)
        )
        return doubts(self._text, written, mended)

    async def _reading(self, look: _Look) -> _Look:
        return replace(look, readings=await self._engine.read(look.prompt, self._text))

    def surprise(self, edit: Edit) -> float:
        """How little the model expects what stands where a change is made."""
        looks = (self._writing.readings, self._mending.readings)
        start, end = edit.span.start, max(edit.span.end, edit.span.start + 1)
        inside = ([one.surprise for one in look if one.start < end and start < one.end] for look in looks)
        return sum(max(surprises, default=0.0) for surprises in inside)

    async def proposals(self, found: Sequence[Doubt]) -> AsyncGenerator[Edit, None]:
        """What the model would rather have written at each place: changes of whole lines of the body, none twice."""
        known: set[Edit] = set()
        for doubt in found:
            if self._late():
                return
            edit = remedy(self._body, doubt.offset, await self._written(doubt))
            edit = edit and uncommented(self._excerpt.language, self._body, edit)
            if edit is not None and edit not in known and edit.text != edit.span.of(self._body):
                known.add(edit)
                yield edit

    async def _written(self, doubt: Doubt) -> str:
        """How the function goes on, mended, with what is in doubt replaced; as far as is needed to see what it is."""
        needed = lines_needed(self._body, doubt.offset)
        text = doubt.instead
        prompt = self._mending.prompt.continued(self._body[: doubt.offset] + text)
        if _lines(text) >= needed or FENCE in text:
            return text
        async with aclosing(self._engine.stream(prompt, Limits(_LINE_TOKENS))) as pieces:
            async for piece in pieces:
                text += piece.text
                if _lines(text) >= needed or FENCE in text:
                    break
        return text

    async def weighed(self, edits: Sequence[Edit]) -> list[Weighed]:
        """The weights of changes; of those that are hopeless only to who mends, the other being told as 0."""
        # From the back, so that what was read before a change is evaluated already.
        ordered = sorted(edits, key=lambda edit: -edit.span.start)
        mended = [(edit, await self._gain(self._mending, edit)) for edit in ordered if not self._late()]
        return [
            Weighed(
                edit,
                await self._gain(self._writing, edit) if gain > _HOPELESS else 0.0,
                gain,
                _TRUSTED_SHORTER if self._shortens(edit) else _TRUSTED,
            )
            for edit, gain in mended
            if not self._late()
        ]

    def _shortens(self, edit: Edit) -> bool:
        """Whether a good part of the text is left out."""
        return len(edit.text.strip()) < _SHORTER * len(edit.span.of(self._body).strip())

    async def _gain(self, look: _Look, edit: Edit) -> float:
        """How much likelier the text is with the change, up to some lines behind it."""
        text = self._text
        tail = "".join(text[edit.span.end :].splitlines(keepends=True)[:_FOLLOWING])
        stop = edit.span.end + len(tail)
        known = _likelihood(look.readings, edit.span.start, stop)
        texts = [edit.text + tail, *([text[edit.span.start : stop]] if known is None else [])]
        scores = await self._engine.score(look.prompt.continued(text[: edit.span.start]), texts)
        return scores[0] - (scores[1] if known is None else known)


def _prompt(excerpt: Excerpt, dialogue: Dialogue, stops: Sequence[str], code: str, request: str) -> Prompt:
    """A conversation in which ``request`` is asked about ``code``, and the answer has come to the function's body."""
    note = f"\n{excerpt.note}" if excerpt.note else ""
    asked = f"{FENCE}{excerpt.language.name}\n{(note + code).strip(chr(10))}\n{FENCE}\n{request}"
    opening = f"{FENCE}{excerpt.language.name}\n" + excerpt.opening.lstrip("\n")
    return dialogue.prompt((), asked, stops).continued(opening)


def _likelihood(readings: Sequence[Reading], start: int, stop: int) -> float | None:
    """Of the text between two places; None where a token lies across one of them."""
    inside = [reading for reading in readings if start <= reading.start and reading.end <= stop]
    if not inside or inside[0].start != start or inside[-1].end != stop:
        return None
    return sum(reading.log_probability for reading in inside)


def _lines(text: str) -> int:
    """Lines that are whole and say something."""
    return sum(bool(line.strip()) for line in text.split("\n")[:-1])
