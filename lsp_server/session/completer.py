"""How a request for a completion is answered: from memory, or by the model when it is its turn.

It must never know which documents are open, or what an editor does with an answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lsp_server.engines.base import EngineError
from lsp_server.parts import Question
from lsp_server.session.draft import Draft
from lsp_server.session.recall import Recall
from lsp_server.session.resident import Unavailable
from lsp_server.session.scheduler import Ticket

if TYPE_CHECKING:
    from lsp_server.core.cells import Seen
    from lsp_server.core.suggestion import Suggestion
    from lsp_server.pipelines.request import Outcome
    from lsp_server.session.presence import Presence
    from lsp_server.session.resident import Resident
    from lsp_server.session.scheduler import Scheduler
    from lsp_server.settings import Settings

ALTERNATIVES = 3
"""The most different suggestions that somebody who asks by a key may choose from."""

_ACCEPTED = "what was suggested here is in the text already"


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


@dataclass(frozen=True)
class Cursor:
    """Where to complete: at ``offset`` of what is ``seen`` of ``document``, whose older requests a newer one replaces.

    ``patience`` is how many seconds this caller waits; the work goes on for the next one who asks.
    """

    document: str
    seen: Seen
    offset: int
    automatic: bool = True
    patience: float | None = None

    @property
    def place(self) -> tuple[str, str, int]:
        """The same for requests of one version of the text at one place."""
        return self.document, self.seen.document.text, self.offset


class Completer:
    """Asks the model of ``resident`` by ``scheduler``, and remembers what it said."""

    def __init__(self, resident: Resident, scheduler: Scheduler[Outcome], presence: Presence) -> None:
        self._resident = resident
        self._scheduler = scheduler
        self._presence = presence
        self._shown: tuple[str, str, int] | None = None
        """Where suggestions were last shown: who asks there again by a key does not want the first one, or not only."""
        self._drafted: tuple[Draft, Ticket] | None = None
        """What was last asked for while somebody typed."""
        self.recall = Recall()

    def changed(self, uri: str, seen: Seen) -> None:
        """A document has a new version: what is written for an older one may be of no use any more."""
        if self._drafted and self._drafted[1].document == uri:
            draft, ticket = self._drafted
            draft.follow(seen.document)
            self._reconsider(draft, ticket)

    def _reconsider(self, draft: Draft, ticket: Ticket) -> None:
        if not draft.fits:
            self._scheduler.disown(ticket)

    async def answer(self, cursor: Cursor, settings: Settings) -> Answer:
        """The suggestions, or none and why.

        Raises:
            Superseded, NotReady, Unavailable, EngineError: there is no answer, or not now.
        """
        answer = await self._answer(cursor, settings)
        if answer.suggestions:
            self._shown = cursor.place
        return answer

    async def _answer(self, cursor: Cursor, settings: Settings) -> Answer:
        document, offset = cursor.seen.document, cursor.offset
        known = self.recall.recall(document, offset)
        if known:
            looks_further = not cursor.automatic and cursor.place == self._shown
            if looks_further and not self.recall.is_whole(document, offset):
                known = await self._with_others(cursor, known, settings)
            return _recalled(known)
        if cursor.automatic and self.recall.accepted(document, offset):
            return Answer((), _ACCEPTED)
        if cursor.automatic and (rest := await self._rest_of_draft(cursor)):
            return rest
        outcome = await self._asked(cursor, settings)
        return Answer(outcome.suggestions, outcome.reason, trace=_told(outcome))

    async def _rest_of_draft(self, cursor: Cursor) -> Answer | None:
        """What is left of a suggestion that was being written when somebody typed on, and typed just that."""
        document, offset = cursor.seen.document, cursor.offset
        if not self._drafted or not self._drafted[0].leads_to(document, offset):
            return None
        outcome = await self._scheduler.join(self._drafted[1], cursor.patience)
        known = self.recall.recall(document, offset) if outcome else ()
        return Answer(known, trace=_told(outcome)) if outcome and known else None

    async def _with_others(
        self, cursor: Cursor, known: tuple[Suggestion, ...], settings: Settings
    ) -> tuple[Suggestion, ...]:
        """What is shown already, and what else could be meant."""
        try:
            outcome = await self._asked(cursor, settings, ALTERNATIVES)
        except (EngineError, Unavailable):
            return known
        texts = {one.text.strip() for one in known[:1]}
        others = [one for one in outcome.suggestions if one.text.strip() not in texts]
        # Shorter forms of the first come last: they can be accepted from that word by word.
        found = tuple({one.text: one for one in (*known[:1], *others, *known[1:])}.values())[:ALTERNATIVES]
        self.recall.remember(cursor.seen.document, cursor.offset, found, whole=True)
        return found

    async def _asked(self, cursor: Cursor, settings: Settings, alternatives: int = 0) -> Outcome:
        document, offset, automatic = cursor.seen.document, cursor.offset, cursor.automatic
        parts, row, engine = self._resident.ready()
        draft = Draft(document, offset)
        question = Question(document, offset, row, automatic, self._resident.functions, alternatives, draft.hear)

        async def work() -> Outcome:
            if automatic:
                self._drafted = draft, ticket
            with self._presence.working():
                outcome = await parts.complete(question, settings, engine)
            if outcome.suggestions and not alternatives:
                self.recall.remember(document, offset, outcome.suggestions)
            return outcome

        wanted = (document.text, offset, row.name, settings, alternatives)
        ticket = Ticket(cursor.document, wanted, automatic, draft.outlives if automatic else None)
        draft.on_text = lambda: self._reconsider(draft, ticket)
        delay = settings.debounce_milliseconds / 1000 if automatic else 0.0
        return await self._scheduler.run(ticket, work, delay, cursor.patience)


def told_for(seen: Seen, answer: Answer) -> Answer:
    """The answer for the document that is edited."""
    return replace(answer, suggestions=tuple(map(seen.told, answer.suggestions)))


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
