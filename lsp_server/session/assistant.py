"""What commands do for one editor: reviews whose findings are kept, changes that fit the latest text, explanations.

It must never know of positions or protocol values, nor how a model is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsp_server.core.document import Span
from lsp_server.core.followed import Followed
from lsp_server.core.functions import functions_in, functions_within
from lsp_server.core.stubs import stub_at
from lsp_server.core.syntax import function_around, language_of
from lsp_server.models.rows import DEFAULT
from lsp_server.parts import Errand
from lsp_server.session.absent import Absent
from lsp_server.session.findings import Findings, Known, Review, moved_fix
from lsp_server.session.resident import Unavailable
from lsp_server.session.spot import Spot, offers_at, spot_at
from lsp_server.session.threads import in_thread
from lsp_server.session.turns import PatientEngine
from lsp_server.session.works import Stopped, Work, Works

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lsp_server.core.change import Change
    from lsp_server.core.context import Function
    from lsp_server.core.document import Document
    from lsp_server.core.finding import Fix
    from lsp_server.engines.base import AsyncEngine
    from lsp_server.models.rows import Model
    from lsp_server.parts import Inquiry, Parts
    from lsp_server.pipelines.ask import Reply
    from lsp_server.session.actions import Place
    from lsp_server.session.dismissals import Dismissals
    from lsp_server.session.documents import Documents
    from lsp_server.session.resident import Resident
    from lsp_server.settings import Settings

_EDITED = "its text was edited meanwhile: nothing was changed"


class Refused(Stopped):
    """There is nothing to do, or it cannot be done now; the text says why, and what to do."""


@dataclass(frozen=True)
class Reviewed:
    """How many findings are shown, and how many are not; ``without``: why no model was asked, where none was."""

    findings: int = 0
    dismissed: int = 0
    without: str = ""

    def __add__(self, other: Reviewed) -> Reviewed:
        return Reviewed(self.findings + other.findings, self.dismissed + other.dismissed, self.without or other.without)


@dataclass(frozen=True)
class Written:
    """A change for ``document``, the latest version; ``reason`` says why there is no ``fix``."""

    document: Document
    fix: Fix | None
    summary: str = ""
    reason: str = ""


class Assistant:
    """The commands, and what is known because of them. ``on_change`` is told of documents with other findings."""

    def __init__(
        self,
        documents: Documents,
        resident: Resident,
        dismissals: Dismissals,
        works: Works,
        on_change: Callable[[str], None],
    ) -> None:
        self._documents = documents
        self._resident = resident
        self._on_change = on_change
        self._saved: dict[str, Document] = {}
        self.dismissals = dismissals
        self.findings = Findings()
        self.works = works

    # Documents

    def opened(self, document: Document) -> None:
        """A document is there."""
        self._saved[document.uri] = document
        self.findings.opened(document)
        self._on_change(document.uri)

    def changed(self, document: Document) -> None:
        """A document has a new version."""
        self.works.changed(document)
        self.findings.changed(document)
        self._on_change(document.uri)

    def closed(self, uri: str, why: str) -> None:
        """A document is not followed any more."""
        self._saved.pop(uri, None)
        self.works.drop(uri, f"stopped by {why}")
        self.findings.closed(uri)
        self._on_change(uri)

    async def saved(self, document: Document) -> tuple[Function, ...]:
        """The functions that changed since the document was opened or last saved, and were not reviewed since."""
        before = self._saved.get(document.uri, document).text
        self._saved[document.uri] = document
        functions = await in_thread(lambda: _written(document, None))
        changed = (one for one in functions if one.span.of(document.text) not in before)
        return tuple(one for one in changed if not self.findings.reviewed(document.uri, one))

    # Findings

    def shown(self, uri: str) -> tuple[Known, ...]:
        """What is known of a document and was not dismissed."""
        dismissed = self.dismissals.now()
        return tuple(known for known in self.findings.of(uri) if not dismissed.hides(known))

    def named(self, uri: str, name: str) -> Known:
        """The finding of that name. Raises Refused when it is gone."""
        known = next((known for known in self.findings.of(uri) if known.name == name), None)
        if known is None:
            raise Refused("there is no such finding any more: its function was edited, or reviewed again")
        return known

    def dismiss(self, known: Known, whole_kind: bool) -> None:
        """Do not show a finding, or its whole kind, again. Raises OSError."""
        if whole_kind:
            self.dismissals.kind(known.finding.category)
        else:
            self.dismissals.finding(known)
        self._all_changed()

    def restore(self, category: str) -> None:
        """Show dismissed findings again. Raises OSError."""
        self.dismissals.restore(category)
        self._all_changed()

    def _all_changed(self) -> None:
        for uri in self._saved:
            self._on_change(uri)

    # Reviews

    async def to_review(self, document: Document, span: Span | None) -> tuple[Function, ...]:
        """The functions that ``span`` touches, all when it is None. Raises Refused where there are none."""
        if language_of(document) is None:
            raise Refused(f"no support for the language {document.language_id!r}")
        # A whole file may be long, and others ask for something meanwhile.
        written = await in_thread(lambda: _written(document, span))
        if not written:
            raise Refused("there is no function with a body here: place the cursor in one")
        return written

    async def review(
        self,
        document: Document,
        functions: Iterable[Function],
        settings: Settings,
        tell: Callable[[str], None] = lambda _: None,
    ) -> Reviewed:
        """Review functions of a document one after the other. ``tell`` is given how far it is.

        Raises:
            Stopped: the only function was edited, or is reviewed anew.
            EngineError: the engine could not answer.
        """
        followed = [Followed.function(document, function) for function in functions]
        reviewed = Reviewed()
        for done, function in enumerate(followed):
            latest = self._documents.get(document.uri)
            if latest is None or not function.follow(latest):
                continue
            if len(followed) > 1:
                tell(f"{done + 1} of {len(followed)}")
            try:
                reviewed += await self._review_one(latest, function, settings)
            except Stopped:
                # One of many that was edited does not end the review of the others.
                if len(followed) == 1:
                    raise
        return reviewed

    async def _review_one(self, document: Document, followed: Followed, settings: Settings) -> Reviewed:
        function = function_around(document, followed.signed - 1)
        if function is None:
            return Reviewed()
        review = Review(document, function)
        work = Work("review", document.uri, review.followed)

        async def do() -> str:
            parts, row, engine, without = await self._reviewer()
            if parts.review is None:
                raise Refused("reviews are not part of this installation")
            errand = Errand(document, function.signature.start, row, function)
            async with aclosing(parts.review(errand, settings, engine)) as findings:
                async for finding in findings:
                    review.add(finding)
                    work.found = self._sum(review).findings
                    self._keep(document.uri, review)
            self._keep(document.uri, review)
            return without

        without = await self.works.run(work, do)
        return self._sum(review, without)

    def _sum(self, review: Review, without: str = "") -> Reviewed:
        dismissed = self.dismissals.now()
        hidden = [dismissed.hides(known) for known in review.known()]
        return Reviewed(hidden.count(False), hidden.count(True), without)

    async def _reviewer(self) -> tuple[Parts, Model, AsyncEngine, str]:
        """Who reviews now, and why it is no model, if it is none: what is certain is found without one."""
        try:
            return *await self._model(), ""
        except Unavailable as reason:
            parts = await self._resident.parts()
            return parts, parts.find(DEFAULT), Absent(str(reason)), str(reason)

    def _keep(self, uri: str, review: Review) -> None:
        self.findings.keep(uri, review)
        self._on_change(uri)

    # Changes

    def offers(self, document: Document, offset: int) -> Callable[[Place], bool]:
        """Whether an action for a kind of place is offered there."""
        return offers_at(document, offset)

    async def write(
        self, action: str, document: Document, offset: int, instruction: str, settings: Settings
    ) -> Written:
        """What the action of that name comes to, for the latest version of the document.

        Raises:
            Refused: no model can answer now, or the document is gone.
            Stopped: what it is about was edited, or a newer command took its place.
            EngineError: the engine could not answer.
        """
        spot = spot_at(document, offset)
        followed = _about(document, offset, spot)

        async def do() -> Change:
            parts, row, engine = await self._model()
            errand = Errand(document, offset, row, spot.function, instruction)
            return await parts.writings[action](errand, settings, engine)

        change = await self.works.run(Work(action, document.uri, followed), do)
        return self._fitted(change, followed, document.uri)

    def fixed(self, document: Document, known: Known) -> Written:
        """The fix of a finding."""
        fix = known.finding.fix
        return Written(document, fix, fix.title if fix else "", "" if fix else "there is no fix for this finding")

    def _fitted(self, change: Change, followed: Followed, uri: str) -> Written:
        latest = self._documents.get(uri)
        if latest is None:
            raise Refused("the document was closed meanwhile: nothing was changed")
        followed.follow(latest)
        fix = moved_fix(change.fix, followed) if change.fix else None
        lost = change.fix is not None and fix is None
        return Written(latest, fix, change.summary, _EDITED if lost else change.reason)

    async def explain(self, document: Document, known: Known, settings: Settings) -> str:
        """A finding in a few more words. Raises as `write` does."""
        function = function_around(document, known.finding.span.start)

        async def do() -> str:
            parts, row, engine = await self._model()
            if parts.explain is None:
                return known.finding.message
            errand = Errand(document, known.finding.span.start, row, function)
            return await parts.explain(errand, known.finding, settings, engine)

        work = Work("explain", document.uri, Followed(document, known.finding.function), aside=True)
        return await self.works.run(work, do)

    async def ask(self, inquiry: Inquiry, settings: Settings, on_text: Callable[[str], None]) -> Reply:
        """The answer to a question, told as it is written. Raises as `write` does, and ModelError."""

        async def do() -> Reply:
            parts, row, engine = await self._model()
            if parts.ask is None:
                raise Refused("questions are not part of this installation")
            return await parts.ask(inquiry, row, settings, engine, on_text)

        return await self.works.run(Work("ask", aside=True), do)

    async def _model(self) -> tuple[Parts, Model, PatientEngine]:
        """What answers now or soon: where two models serve, the one for whole functions. Raises Unavailable."""
        parts, row, engine = await self._resident.soon()
        writer = self._resident.functions
        if writer is not None:
            return parts, writer.row, PatientEngine(writer.engine, self.works.turns)
        return parts, row, PatientEngine(engine, self.works.turns)


def _written(document: Document, span: Span | None) -> tuple[Function, ...]:
    """The functions that have a body; what is inside another is reviewed with it."""
    functions = functions_in(document) if span is None else functions_within(document, span)
    written = [one for one in functions if one.body and stub_at(document, one.signature.end - 1) is None]
    return tuple(one for one in written if not any(_is_inside(one, other) for other in written))


def _is_inside(one: Function, other: Function) -> bool:
    return one is not other and other.span.start <= one.span.start and one.span.end <= other.span.end


def _about(document: Document, offset: int, spot: Spot) -> Followed:
    """What must not be edited meanwhile: the function, or else the comment and what is right below it."""
    if spot.function is not None:
        return Followed.function(document, spot.function)
    span = spot.comment.span if spot.comment else document.line_span(document.line_at(offset))
    following = document.line_at(span.end) + 1
    last = following if following < len(document.line_starts) else following - 1
    return Followed(document, Span(span.start, document.line_span(last).end))
