"""What stands on the screen: the document with its cursor, and the suggestion that is shown there, if there is one."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from lsp_server.core.document import Document, Span
from lsp_server.core.finding import Edit

MEMORY, SERVER, ENGINE = "client", "server", "engine"
"""Who had the suggestion: the client still did, the server did without asking the model, or the model was asked."""


@dataclass(frozen=True)
class Place:
    """A document and the cursor in it."""

    document: Document
    cursor: int
    edit: Edit | None = None
    """What made it of the place before; None where only the cursor moved."""

    @property
    def text(self) -> str:
        """The whole document."""
        return self.document.text

    def inserted(self, text: str, *, before: int = 0, behind: int = 0, then: str = "") -> Place:
        """After ``text`` came in place of so many characters around the cursor, with ``then`` behind the cursor."""
        span = Span(self.cursor - before, self.cursor + behind)
        document = self.document.edited(span, text + then, self.document.version + 1)
        return Place(document, span.start + len(text), Edit(span, text + then))


@dataclass
class Shown:
    """A suggestion on the screen: ``beginning`` is the document up to where the suggestion ends, were it accepted."""

    beginning: str
    source: str
    at: float

    def rest(self, place: Place) -> str | None:
        """What it would insert at the cursor; None where it would change what stands before."""
        before = place.text[: place.cursor]
        return self.beginning[place.cursor :] if self.beginning.startswith(before) else None


class Screen:
    """Where a client shows its suggestions, and the hands see them; times are `time.perf_counter`."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.moved_at = time.perf_counter()
        self.shown: Shown | None = None
        self.first: Shown | None = None
        """What was shown first at this place."""
        self.changed = asyncio.Event()
        self.seen_since = 0.0
        """Since when the eyes have read what is shown now: typing into a suggestion leaves it the same."""
        self._read = ""

    def move(self, place: Place, accepted: bool = False) -> None:
        """The document or the cursor is another; what was shown is shown no longer."""
        self.place, self.moved_at = place, time.perf_counter()
        self.shown = self.first = None
        if accepted:
            self._read = ""

    def show(self, place: Place, start: int, text: str, source: str) -> Shown | None:
        """Show that ``text`` would stand from ``start`` to the cursor and on; too late where the place is another."""
        if place is not self.place or not text.strip():
            return None
        beginning = place.text[:start] + text
        if self.shown is not None and self.shown.beginning == beginning:
            return None
        self.shown = Shown(beginning, source, time.perf_counter())
        self.first = self.first or self.shown
        if beginning != self._read:
            self._read, self.seen_since = beginning, self.shown.at
        self.changed.set()
        return self.shown
