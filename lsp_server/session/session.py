"""What the server knows while one editor is connected, and how a request for a completion becomes an answer.

It must never know of positions or protocol values: documents, offsets and suggestions come in and go out.
"""

from __future__ import annotations

import asyncio
import logging
from time import monotonic
from typing import TYPE_CHECKING, Any

from lsp_server.core.languages import by_language_id
from lsp_server.engines.base import EngineCrashed, EngineError, EngineUnreachable, ModelLoadError
from lsp_server.exclusion import Exclusion
from lsp_server.session import heap
from lsp_server.session.completer import Answer, Completer, told_for
from lsp_server.session.cursor import Cursor
from lsp_server.session.documents import Documents
from lsp_server.session.notebooks import Notebooks
from lsp_server.session.presence import Presence
from lsp_server.session.resident import Resident, Unavailable
from lsp_server.session.scheduler import NotReady, Scheduler, Superseded
from lsp_server.session.threads import in_thread
from lsp_server.session.turns import Turns
from lsp_server.session.works import Works
from lsp_server.settings import Settings, applied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lsp_server.core.document import Document
    from lsp_server.parts import Parts
    from lsp_server.pipelines.request import Outcome
    from lsp_server.session.assistant import Assistant
    from lsp_server.session.documents import Change
    from lsp_server.session.editor import Editor

logger = logging.getLogger(__name__)


class Session:
    """One editor's documents, settings and model."""

    def __init__(self, editor: Editor, load_parts: Callable[[], Parts], base: Settings) -> None:
        self.editor = editor
        self.documents = Documents()
        self.notebooks = Notebooks(self.documents)
        self.settings = base
        self._resident = Resident(editor, load_parts)
        self.presence = Presence(self._resident, lambda: self.settings, editor.status_changed)
        self._turns = Turns()
        self._scheduler: Scheduler[Outcome] = Scheduler(self._turns)
        self._assistant: Assistant | None = None
        self.on_findings: Callable[[str], None] = lambda _: None
        """Told of the documents whose findings are others, or may be elsewhere, now."""
        self._completer = Completer(self._resident, self._scheduler, self.presence)
        self._problems: list[str] = []
        self._last: dict[str, Any] = {}

    def configure(self, sent: object) -> None:
        """Apply the settings an editor sent, and tell the user what is wrong with them."""
        self.settings, problems = applied(self.settings, sent)
        logging.getLogger("lsp_server").setLevel(self.settings.log_level.upper())
        self._completer.recall.forget()
        # Editors send the same more than once while they start; what was right meanwhile is told again.
        for problem in problems:
            if problem not in self._problems:
                self.editor.tell(f"phi-lsp: {problem}", once=False)
        self._problems = self._problems if sent is None else problems
        self._exclude(self.settings.exclude, self.documents.exclusion.roots)
        self.presence.changed()

    def root(self, folders: tuple[str, ...]) -> None:
        """The editor has these folders open now."""
        self._exclude(self.settings.exclude, folders)

    def _exclude(self, patterns: tuple[str, ...], folders: tuple[str, ...]) -> None:
        self.documents.exclusion = Exclusion(patterns, folders)
        for uri in self.documents.excluded():
            self._completer.recall.forget()
            if self._assistant:
                self._assistant.findings.excluded(uri)
            self.forget(uri, "the setting `exclude`")

    async def serve(self) -> None:
        """Bring the model that the settings name."""
        await self._resident.serve(self.settings)

    async def models(self) -> list[dict[str, Any]]:
        """For ``phi-lsp/models``."""
        from lsp_server.session.catalogue import catalogue  # noqa: PLC0415 - not needed to answer `initialize`

        parts, settings = await self._resident.parts(), self.settings
        entries = await in_thread(lambda: parts.survey(settings))
        return catalogue(entries, self._resident.row)

    async def restart(self) -> None:
        """Bring the model anew, in a new process."""
        await self._resident.again(self.settings)

    async def fetch(self, ask: bool) -> str:
        """Download the model that is missing, once the user agrees if ``ask``; why not, empty when that has begun."""
        return await self._resident.fetch(self.settings, ask)

    def wanted(self, uri: str, switched_on: bool) -> Document | None:
        """The snapshot to work on; None, with the reason kept for ``status``, when there is nothing to do."""
        document = self.documents.get(uri)
        if document is not None and switched_on:
            return document
        reason = self.documents.absence(uri) if document is None else "a setting turned it off"
        logger.info("nothing: %s", reason)
        self._last = {"document": uri, "suggestions": 0, "reason": reason}
        self.presence.answered(reason)
        return None

    @property
    def assistant(self) -> Assistant:
        """What does commands. Nothing is parsed before the first of them."""
        if self._assistant is None:
            from lsp_server.session.assistant import Assistant  # noqa: PLC0415 - not needed to answer `initialize`
            from lsp_server.session.dismissals import Dismissals, default_path  # noqa: PLC0415

            dismissals = Dismissals(default_path())
            works = Works(self._turns, self.presence.working)
            self._assistant = Assistant(self.documents, self._resident, dismissals, works, self._findings_changed)
            for document in self.documents:
                self._assistant.opened(document)
        return self._assistant

    def _findings_changed(self, uri: str) -> None:
        self.on_findings(uri)

    def open(self, uri: str, language_id: str, text: str, version: int) -> None:
        """Follow a document."""
        self.documents.open(uri, language_id, text, version)
        document = self.documents.get(uri)
        if document is not None and (self._assistant or self.settings.review_on_save):
            self.assistant.opened(document)

    def change(self, uri: str, version: int | None, changes: Iterable[Change]) -> None:
        """Apply edits of a document. Raises what reading them raises."""
        self.documents.change(uri, version, changes)
        document = self.documents.get(uri)
        if document is None:
            return
        self._completer.changed(uri, self.notebooks.seen(document))
        if self._assistant:
            self._assistant.changed(document)

    def forget(self, uri: str, why: str) -> None:
        """A document is not followed any more, because of ``why``."""
        self.documents.close(uri)
        self._scheduler.drop(uri, why)
        if self._assistant:
            self._assistant.closed(uri, why)
        heap.give_back()

    async def close(self) -> None:
        """Leave nothing running."""
        self.presence.end()
        self._completer.ahead.end()
        if self._assistant:
            await self._assistant.works.aclose()
        await self._scheduler.aclose()
        await self._resident.close()

    def status(self) -> dict[str, Any]:
        """For ``phi-lsp/status``; times are seconds."""
        return {
            **self._resident.status(),
            "summary": self.presence.summary(),
            "lastRequest": self._last,
            "queue": {"running": self._scheduler.running, "waiting": self._scheduler.waiting},
            "works": self._assistant.works.status() if self._assistant else [],
            "secondsToStop": self._scheduler.seconds_to_stop,
            "documents": len(self.documents),
        }

    async def complete(self, document: Document, offset: int, automatic: bool, patience: float | None = None) -> Answer:
        """The suggestions for ``document`` at ``offset``, or none and why; it does not raise.

        ``patience`` is how many seconds this caller waits; the work goes on for the next one who asks.
        """
        began = monotonic()
        try:
            answer = await self._answer(document, offset, automatic, patience)
        except asyncio.CancelledError:
            self._note(document, offset, Answer((), "cancelled", wanted=False), monotonic() - began)
            raise
        except NotReady as reason:
            # Not noted: nothing has come of it yet.
            return Answer((), str(reason), final=False)
        except Superseded as reason:
            answer = Answer((), str(reason), final=False, wanted=False)
        except Unavailable as reason:
            answer = Answer((), str(reason), final=False)
        except EngineError as error:
            answer = Answer((), self.failed(error), final=False)
        except Exception as error:
            logger.exception("the completion failed")
            answer = Answer((), f"the completion failed: {type(error).__name__}; the log has more")
        self._note(document, offset, answer, monotonic() - began)
        return answer

    def look(self, document: Document, offset: int) -> None:
        """The cursor is there; nothing comes of it yet."""
        if (self.settings.inline or self.settings.popup) and not self._hindrance(document, automatic=True):
            self._completer.ahead.look(self._cursor(document, offset), self.settings)

    async def _answer(self, document: Document, offset: int, automatic: bool, patience: float | None) -> Answer:
        if reason := self._hindrance(document, automatic):
            return Answer((), reason)
        cursor = self._cursor(document, offset, automatic, patience)
        return told_for(cursor.seen, await self._completer.answer(cursor, self.settings))

    def _hindrance(self, document: Document, automatic: bool) -> str:
        """Why nothing is suggested in a document; empty where something may be."""
        if document.language_id in self.settings.excluded_languages:
            return f"the setting `excludedLanguages` has {document.language_id}"
        if by_language_id(document.language_id) is None:
            return f"no support for the language {document.language_id!r}"
        if automatic and (paused := self.presence.pauses.reason(document.language_id)):
            return paused
        foreign = self.notebooks.foreign(document)
        return f"the cell is written in {foreign}, not in Python" if foreign else ""

    def _cursor(self, document: Document, offset: int, automatic: bool = True, patience: float | None = None) -> Cursor:
        seen = self.notebooks.seen(document)
        return Cursor(document.uri, seen, offset + seen.front, automatic, patience)

    def failed(self, error: EngineError) -> str:
        """Take note of an engine's error, and tell the user what they must know; the reason of the answer."""
        if isinstance(error, EngineCrashed | ModelLoadError):
            self.editor.tell(f"phi-lsp: {error}")
        if isinstance(error, ModelLoadError):
            self._resident.reconsider(self.settings)
        if isinstance(error, EngineUnreachable):
            self._resident.lost()
        return str(error)

    def _note(self, document: Document, offset: int, answer: Answer, seconds: float) -> None:
        """Keep for ``status`` and the log what was asked and what came of it; never the text."""
        line = document.line_at(offset) + 1
        came = f"{len(answer.suggestions)} suggestions" if answer.suggestions else f"nothing: {answer.reason}"
        logger.info("%s, line %d: %s (%.2f s)", document.language_id, line, came, seconds)
        self._last = {
            "document": document.uri,
            "line": line,
            "suggestions": len(answer.suggestions),
            "reason": answer.reason,
            "seconds": seconds,
            **answer.trace,
        }
        if answer.wanted:
            self.presence.answered(answer.reason, seconds)
