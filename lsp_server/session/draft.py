"""A suggestion while it is written: whether it is still of use to somebody who types on.

Who types what is being suggested need not wait for it anew at every key. This module must never know how a suggestion
is made, or who waits for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsp_server.core.document import Document


class Draft:
    """What is written at ``offset`` of ``document``. ``on_text`` hears that there is more of it."""

    def __init__(self, document: Document, offset: int) -> None:
        self._document = self._now = document
        self._offset = offset
        self._text = ""
        self.on_text: Callable[[], None] = lambda: None

    def hear(self, text: str) -> None:
        """The next part of it."""
        self._text += text
        self.on_text()

    def follow(self, now: Document) -> None:
        """The document has a new version."""
        self._now = now

    def leads_to(self, now: Document, cursor: int) -> bool:
        """Whether ``now``, with the ``cursor``, is what comes of typing the draft, as far as it is there."""
        typed = self._typed(now)
        return typed is not None and cursor == self._offset + len(typed) and self._agrees(typed)

    @property
    def fits(self) -> bool:
        """Whether nothing that was typed since contradicts it, as far as it is there."""
        typed = self._typed(self._now)
        return typed is not None and self._agrees(typed)

    def outlives(self) -> bool:
        """Whether somebody has typed on and may ask for the rest: who only cancels wants nothing more."""
        return self.fits and self._now.text != self._document.text

    def _agrees(self, typed: str) -> bool:
        return typed.startswith(self._text) or self._text.startswith(typed)

    def _typed(self, now: Document) -> str | None:
        """What has come into the document at the offset; None where anything else has changed."""
        before, start = self._document.text, self._offset
        end = start + len(now.text) - len(before)
        same = now.uri == self._document.uri and end >= start
        if not same or now.text[end:] != before[start:] or now.text[:start] != before[:start]:
            return None
        return now.text[start:end]
