"""How a request for a completion is answered: from memory, or by the model when it is its turn.

It must never know which documents are open, or what an editor does with an answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lsp_server.core.parting import Parting, parting
from lsp_server.core.suggestion import Suggestion
from lsp_server.engines.base import EngineError
from lsp_server.parts import Question
from lsp_server.session.ahead import Ahead
from lsp_server.session.draft import Draft
from lsp_server.session.recall import Recall
from lsp_server.session.resident import Unavailable
from lsp_server.session.scheduler import NotReady, Ticket

if TYPE_CHECKING:
    from lsp_server.core.cells import Seen
    from lsp_server.pipelines.request import Outcome
    from lsp_server.session.cursor import Cursor
    from lsp_server.session.presence import Presence
    from lsp_server.session.resident import Resident
    from lsp_server.session.scheduler import Scheduler
    from lsp_server.settings import Settings

ALTERNATIVES = 3
"""The most different suggestions that somebody who asks by a key may choose from."""

ACCEPTED = "what was suggested here is in the text already"
"""The reason of an answer without suggestions."""


@dataclass(frozen=True)
class Answer:
    """What to show. ``reason`` says why there is nothing; ``final`` is False when asking again may bring more.

    Nobody looks at one that is not ``wanted``: the request was superseded or cancelled.
    """

    suggestions: tuple[Suggestion, ...] = ()
    reason: str = ""
    final: bool = True
    wanted: bool = True
    trace: dict[str, Any] = field(default_factory=dict)


class Completer:
    """Asks the model of ``resident`` by ``scheduler``, and remembers what it said."""

    def __init__(self, resident: Resident, scheduler: Scheduler[Outcome], presence: Presence) -> None:
        self._resident = resident
        self._scheduler = scheduler
        self._presence = presence
        self._shown: tuple[str, str, int] | None = None
        """Where suggestions were last shown: who asks there again by a key does not want the first one, or not only."""
        self._drafted: _Writing | None = None
        """What was last asked for while somebody typed."""
        self._following: _Writing | None = None
        """What was last asked for ahead: what follows a suggestion once it is accepted, or a line."""
        self._parted: Parting | None = None
        """Where the prompts for the last place are parted: the next ones too, as long as they go on from there."""
        self.recall = Recall()
        self.ahead = Ahead(self.recall, self._asked_ahead)

    def changed(self, uri: str, seen: Seen) -> None:
        """A document has a new version: what is written for an older one may be of no use any more."""
        if self._drafted and self._drafted.ticket.document == uri:
            self._drafted.draft.follow(seen.document)
            self._reconsider(self._drafted)
        self.ahead.changed(uri, seen)

    def _reconsider(self, writing: _Writing) -> None:
        if not writing.draft.fits:
            self._scheduler.disown(writing.ticket)

    async def answer(self, cursor: Cursor, settings: Settings) -> Answer:
        """The suggestions, or none and why.

        Raises:
            Superseded, NotReady, Unavailable, EngineError: there is no answer, or not now.
        """
        answer = await (self._unasked(cursor, settings) if cursor.automatic else self._wished(cursor, settings))
        if answer.suggestions:
            self._shown = cursor.place
            self.ahead.follow(cursor, answer.suggestions[0], settings)
        else:
            self.ahead.follow_line(cursor, settings)
        return answer

    async def _wished(self, cursor: Cursor, settings: Settings) -> Answer:
        """For somebody who asked by a key, and waits."""
        document, offset = cursor.seen.document, cursor.offset
        known = self.recall.recall(document, offset)
        if not known:
            return _made(await self._asked(self._writing(cursor, settings), cursor, settings))
        if cursor.place == self._shown and not self.recall.is_whole(document, offset):
            known = await self._with_others(cursor, known, settings)
        return _recalled(known)

    async def _unasked(self, cursor: Cursor, settings: Settings) -> Answer:
        """For somebody who types: soon, and no more than once what was accepted."""
        document, offset = cursor.seen.document, cursor.offset
        written = [each for each in (self._drafted, self._following) if each and each.draft.leads_to(document, offset)]
        if known := self.recall.recall(document, offset):
            so_far = next(filter(None, (each.draft.rest(document, offset) for each in written)), known[0])
            return _recalled((so_far,) if len(so_far.text) > len(known[0].text) else known)
        if written and (rest := await self._joined(written[0], cursor)):
            return rest
        if self.recall.accepted(document, offset):
            return Answer((), ACCEPTED)
        writing = self._writing(cursor, settings)
        async with self._glancing(writing.draft, cursor) as more:
            try:
                return _made(await self._asked(writing, cursor, settings, more))
            except NotReady:
                return self._so_far(writing.draft, cursor)

    async def _joined(self, writing: _Writing, cursor: Cursor) -> Answer | None:
        """What is left of a suggestion that was being written when somebody typed on, and typed just that."""
        async with self._glancing(writing.draft, cursor) as more:
            try:
                outcome = await self._scheduler.join(writing.ticket, cursor.patience, more)
            except NotReady:
                return self._so_far(writing.draft, cursor)
        known = self.recall.recall(cursor.seen.document, cursor.offset) if outcome else ()
        return Answer(known, trace=_told(outcome)) if outcome and known else None

    @asynccontextmanager
    async def _glancing(self, draft: Draft, cursor: Cursor) -> AsyncIterator[asyncio.Future[None]]:
        """Done once it is time to show what there is of the draft."""
        more = asyncio.ensure_future(draft.more(cursor.seen.document, cursor.offset))
        try:
            yield more
        finally:
            more.cancel()

    def _so_far(self, draft: Draft, cursor: Cursor) -> Answer:
        """What there is of the draft. Raises NotReady."""
        document, offset = cursor.seen.document, cursor.offset
        rest = draft.rest(document, offset)
        if rest is None:
            raise NotReady("not ready yet; ask again")
        self.recall.remember(document, offset, (rest,))
        return Answer((rest,), trace={"rule": rest.rule})

    async def _with_others(
        self, cursor: Cursor, known: tuple[Suggestion, ...], settings: Settings
    ) -> tuple[Suggestion, ...]:
        """What is shown already, and what else could be meant."""
        try:
            outcome = await self._asked(self._writing(cursor, settings, ALTERNATIVES), cursor, settings)
        except (EngineError, Unavailable):
            return known
        texts = {one.text.strip() for one in known[:1]}
        others = [one for one in outcome.suggestions if one.text.strip() not in texts]
        # Shorter forms of the first come last: they can be accepted from that word by word.
        found = tuple({one.text: one for one in (*known[:1], *others, *known[1:])}.values())[:ALTERNATIVES]
        self.recall.remember(cursor.seen.document, cursor.offset, found, whole=True)
        return found

    def _writing(self, cursor: Cursor, settings: Settings, alternatives: int = 0, ahead: bool = False) -> _Writing:
        """A suggestion to be written. Raises Unavailable."""
        document, offset = cursor.seen.document, cursor.offset
        parts, row, engine = self._resident.ready()
        draft = Draft(document, offset)
        functions = self._resident.functions
        self._parted = parting(document, offset, self._parted)
        question = Question(
            document, offset, row, cursor.automatic, functions, alternatives, draft.hear, draft.show, self._parted
        )

        async def work() -> Outcome:
            if ahead:
                self._following = writing
            elif cursor.automatic:
                self._drafted = writing
            with nullcontext() if ahead else self._presence.working():
                outcome = await parts.complete(question, settings, engine)
            if outcome.suggestions and not alternatives:
                self.recall.remember(document, offset, outcome.suggestions)
            return outcome

        wanted = (document.text, offset, row.name, settings, alternatives)
        outlives = draft.outlives if cursor.automatic and not ahead else None
        ticket = Ticket(cursor.document, wanted, cursor.automatic, ahead, outlives)
        writing = _Writing(draft, ticket, work)
        draft.on_text = lambda: self._reconsider(writing)
        return writing

    async def _asked_ahead(self, cursor: Cursor, settings: Settings) -> Outcome:
        """Asked before anybody does."""
        return await self._asked(self._writing(cursor, settings, ahead=True), cursor, settings)

    async def _asked(
        self, writing: _Writing, cursor: Cursor, settings: Settings, enough: asyncio.Future[None] | None = None
    ) -> Outcome:
        ticket = writing.ticket
        delay = settings.debounce_milliseconds / 1000 if ticket.automatic and not ticket.ahead else 0.0
        return await self._scheduler.run(ticket, writing.work, delay, cursor.patience, enough)


@dataclass(frozen=True)
class _Writing:
    """A suggestion that is written: what there is of it, and the job that writes it."""

    draft: Draft
    ticket: Ticket
    work: Callable[[], Awaitable[Outcome]]


def told_for(seen: Seen, answer: Answer) -> Answer:
    """The answer for the document that is edited."""
    return replace(answer, suggestions=tuple(map(seen.told, answer.suggestions)))


def _made(outcome: Outcome) -> Answer:
    return Answer(outcome.suggestions, outcome.reason, trace=_told(outcome))


def _recalled(suggestions: tuple[Suggestion, ...]) -> Answer:
    return Answer(suggestions, trace={"rule": suggestions[0].rule, "recalled": True})


def _told(outcome: Outcome) -> dict[str, Any]:
    """What of a trace is told: figures and names."""
    trace = outcome.trace
    return {
        "rule": trace.written.rule,
        "place": trace.context.place.value if trace.context else "",
        "format": trace.format,
        "firstPieceSeconds": trace.written.first_piece_seconds,
        "totalSeconds": trace.written.total_seconds,
        "promptTokens": trace.written.usage.prompt_tokens,
        "reusedTokens": trace.written.usage.reused_tokens,
        "generatedTokens": trace.written.usage.generated_tokens,
    }
