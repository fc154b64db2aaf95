"""What is found out before anybody asks: what follows a suggestion or a line, and the prompt of where the cursor rests.

It is done when the model has nothing else to do, and ends as soon as something else is typed than what it is for. This
module must never know how the model is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from lsp_server.engines.base import EngineError
from lsp_server.session.draft import Draft
from lsp_server.session.power import Power
from lsp_server.session.resident import Unavailable
from lsp_server.session.scheduler import NotReady, Superseded
from lsp_server.session.turns import Taken

if TYPE_CHECKING:
    from lsp_server.core.cells import Seen
    from lsp_server.core.suggestion import Suggestion
    from lsp_server.pipelines.request import Outcome
    from lsp_server.session.cursor import Cursor
    from lsp_server.session.recall import Recall
    from lsp_server.settings import Settings

_READING_SECONDS = 0.1
"""Who types on at once wants something else than what would follow."""

_LOOKS = 3
"""Places of one version of a document that are made ready for who may type there."""

_NO_ANSWER = (Superseded, NotReady, Unavailable, EngineError)


class Ahead:
    """One thing at a time; what the answer to ``ask`` suggests is in ``recall`` when somebody comes there."""

    def __init__(self, recall: Recall, ask: Callable[[Cursor, Settings], Awaitable[Outcome]]) -> None:
        self._recall = recall
        self._ask = ask
        self._power = Power()
        self._task: asyncio.Task[None] | None = None
        self._expected: Draft | None = None
        """What is found out is of use as long as this fits what is typed."""
        self._looked_at: list[tuple[str, str]] = []
        """Documents, and their texts, as they were when somebody looked at a place in them."""
        self._newest: tuple[str, str] | None = None
        """The document that was changed last, and its text."""

    def changed(self, uri: str, seen: Seen) -> None:
        """A document has a new version."""
        self._newest = uri, seen.document.text
        if self._expected:
            self._expected.follow(seen.document)
            if not self._expected.fits:
                self.end()

    def end(self) -> None:
        """Find out nothing further."""
        self._expected = None
        if self._task is not None:
            self._task.cancel()

    def follow(self, cursor: Cursor, suggestion: Suggestion, settings: Settings) -> None:
        """Find out what follows a suggestion, if that is less than a whole function: nothing follows that."""
        if not self._may(settings) or not cursor.automatic or "\n" in suggestion.text.strip():
            return
        after = cursor.accepting(suggestion)
        if after.at_line_end:
            self._begin(cursor, suggestion.text, after, settings)

    def follow_line(self, cursor: Cursor, settings: Settings) -> None:
        """There is no more to write on this line: find out what the next one may be."""
        if self._may(settings) and cursor.automatic and cursor.ends_line:
            below = cursor.entered()
            self._begin(cursor, below.since(cursor), below, settings)

    def look(self, cursor: Cursor, settings: Settings) -> None:
        """Somebody looks at that place and may type there: have its prompt evaluated.

        Who reads a document from place to place types nothing: after a few of them no more is done until it changes.
        """
        busy = self._task is not None and not self._task.done()
        known = self._recall.recall(cursor.seen.document, cursor.offset)
        version = cursor.place[:2]
        if self._may(settings) and not busy and not known and self._looked_at.count(version) < _LOOKS:
            self._looked_at = [*filter(version.__eq__, self._looked_at), version]
            self._expected = Draft(cursor.seen.document, cursor.offset)
            self._task = asyncio.ensure_future(self._evaluate(cursor, settings))

    def _may(self, settings: Settings) -> bool:
        return settings.look_ahead and not (settings.battery_saver and self._power.on_battery)

    async def _evaluate(self, cursor: Cursor, settings: Settings) -> None:
        await asyncio.sleep(_READING_SECONDS)
        with suppress(Taken, *_NO_ANSWER):
            await self._ask(cursor, replace(settings, max_tokens=0, candidates=0))

    def _begin(self, cursor: Cursor, text: str, after: Cursor, settings: Settings) -> None:
        """Find out what may be written ``after`` the ``text`` was, which is expected at the ``cursor``."""
        self.end()
        self._expected = Draft(cursor.seen.document, cursor.offset)
        self._expected.hear(text)
        self._task = asyncio.ensure_future(self._find_out(self._expected, cursor, after, settings))

    async def _find_out(self, expected: Draft, cursor: Cursor, after: Cursor, settings: Settings) -> None:
        places = [cursor, after]
        while not self._is_older(places):
            await asyncio.sleep(_READING_SECONDS)
            if self._is_older(places) or self._recall.recall(places[-1].seen.document, places[-1].offset):
                return
            # The model may still have other work.
            with suppress(Taken):
                try:
                    outcome = await self._ask(places[-1], settings)
                except _NO_ANSWER:
                    return
                if outcome.suggestions or len(places) > 2 or not places[-1].ends_line:
                    return
                places.append(places[-1].entered())
                expected.hear(places[-1].since(places[-2]))

    def _is_older(self, places: list[Cursor]) -> bool:
        """Whether their document has changed to something else than what is seen from any of them."""
        newest = self._newest
        if newest is None or newest[0] != places[0].document:
            return False
        return newest not in [cursor.place[:2] for cursor in places]
