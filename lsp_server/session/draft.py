"""A suggestion while it is written: whether it is still of use to somebody who types on.

Who types what is being suggested need not wait for it anew at every key, nor for the end of it. This module must never
know how a suggestion is made, or who waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from lsp_server.core.closed import CLOSING, closed_behind, is_closing
from lsp_server.session.recall import typed_through

if TYPE_CHECKING:
    from lsp_server.core.document import Document
    from lsp_server.core.suggestion import Suggestion

_GLANCE_SECONDS = 0.3
"""After that, whoever types is shown what is there: the whole would come too late for most."""

_END_SECONDS = 0.03
"""The end may come right behind the last line: then the whole is shown."""


class Draft:
    """What is written at ``offset`` of ``document``. ``on_text`` hears that there is more of it."""

    def __init__(self, document: Document, offset: int) -> None:
        self._document = self._now = document
        self._offset = offset
        self._text = ""
        self._lines: Suggestion | None = None
        self._grown = asyncio.Event()
        self._began = monotonic()
        self.on_text: Callable[[], None] = lambda: None

    def hear(self, text: str) -> None:
        """The next part of it."""
        self._text += text
        self.on_text()

    def show(self, lines: Suggestion) -> None:
        """What of it could be shown so far."""
        self._lines = lines
        self._grown.set()
        self._grown = asyncio.Event()

    def rest(self, now: Document, cursor: int) -> Suggestion | None:
        """What of it could be shown at the ``cursor`` of ``now``, behind what was typed of it."""
        lines = self._lines and typed_through(self._document, self._offset, self._lines, now, cursor)
        return lines if lines and lines.text.strip() else None

    async def more(self, now: Document, cursor: int) -> None:
        """Wait until there is such a rest, and the whole has been waited for a little."""
        await asyncio.sleep(self._began + _GLANCE_SECONDS - monotonic())
        while self.rest(now, cursor) is None:
            await self._grown.wait()
        await asyncio.sleep(_END_SECONDS)

    def follow(self, now: Document) -> None:
        """The document has a new version."""
        self._now = now

    def leads_to(self, now: Document, cursor: int) -> bool:
        """Whether ``now``, with the ``cursor``, is what comes of typing the draft, as far as it is there."""
        before, start = self._document.text, self._offset
        if not self._is_at_place(now) or cursor < start or closed_behind(now.text, cursor, before, start) is None:
            return False
        return self._agrees(now.text[start:cursor])

    @property
    def fits(self) -> bool:
        """Whether nothing that was typed since contradicts it, as far as it is there.

        What the editor may have closed by itself counts as typed, or does not: whichever fits.
        """
        before, start = self._document.text, self._offset
        end = start + len(self._now.text) - len(before)
        if not self._is_at_place(self._now) or end < start or not self._now.text.endswith(before[start:]):
            return False
        came = self._now.text[start:end]
        lengths = range(len(came.rstrip(CLOSING)), len(came) + 1)
        return any(self._agrees(came[:length]) for length in lengths if is_closing(came[length:]))

    def outlives(self) -> bool:
        """Whether somebody has typed on and may ask for the rest: who only cancels wants nothing more."""
        return self.fits and self._now.text != self._document.text

    def _agrees(self, typed: str) -> bool:
        return typed.startswith(self._text) or self._text.startswith(typed)

    def _is_at_place(self, now: Document) -> bool:
        """Whether all is the same before the place."""
        return now.uri == self._document.uri and now.text.startswith(self._document.text[: self._offset])
