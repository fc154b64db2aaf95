"""An editor with the language server: a request soon after every key, the former one cancelled, as VS Code does it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp_server.cli.driver import Editor
from lsp_server.core.document import Document
from tests.benchmarks.typing.background import Background
from tests.benchmarks.typing.records import Account
from tests.benchmarks.typing.screen import ENGINE, MEMORY, SERVER, Place, Screen, Shown

_AUTOMATIC = types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic)


@dataclass(frozen=True)
class Habits:
    """An editor's, as it has them without extensions: seconds from a key until it asks for what may follow, and until
    it asks for what could be done where the cursor rests; None: it does not."""

    asks: float
    looks: float | None = None


EDITORS = {"vscode": Habits(asks=0.05, looks=0.25), "neovim": Habits(asks=0.2)}


class EditorClient:
    """See `replay.Client`. What is left of a suggestion while it is typed the editor shows by itself."""

    def __init__(self, editor: Editor, habits: Habits) -> None:
        self.account = Account()
        self._editor = editor
        self._protocol = editor._client.protocol
        self._habits = habits
        self._background = Background()
        self._asking: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._beginning = ""
        """What the last suggestion makes of the document up to its end."""

    @property
    def process(self) -> int:
        """The server's."""
        server = self._editor._client._server
        assert server is not None
        return server.pid

    async def open(self, screen: Screen) -> None:
        """Open the file, and look at the place."""
        self._screen = screen
        self._told = screen.place.document
        self._editor.open(self._told.uri, self._told.language_id, self._told.text)
        self._looking = self._background.do(self._look(screen.place))

    def typed(self) -> None:
        """Show what is left of a suggestion, tell the change, take back what was asked, and ask anew."""
        place = self._screen.place
        before = place.text[: place.cursor]
        if self._beginning.startswith(before):
            self._screen.show(place, place.cursor, self._beginning[place.cursor :], MEMORY)
        self._change(place)
        for going_on in filter(None, (self._asking, self._looking)):
            going_on.cancel()
        # Who only moves the cursor asks for nothing.
        self._asking = self._background.do(self._ask(place)) if place.edit else None
        self._looking = self._background.do(self._look(place))

    async def close(self) -> None:
        """Close the file."""
        await self._background.close()
        self._editor.close(self._told)

    def _change(self, place: Place) -> None:
        document, edit = place.document, place.edit
        if edit is None:
            return
        edges = [_position(self._told, offset) for offset in (edit.span.start, edit.span.end)]
        change = types.TextDocumentContentChangePartial(types.Range(*edges), edit.text)
        named = types.VersionedTextDocumentIdentifier(document.version, document.uri)
        self._protocol.notify(types.TEXT_DOCUMENT_DID_CHANGE, types.DidChangeTextDocumentParams(named, [change]))
        self._told = document

    async def _look(self, place: Place) -> None:
        """The cursor rests: is there something to do, for a light bulb beside it?"""
        if self._habits.looks is None:
            return
        await asyncio.sleep(self._habits.looks)
        here = _position(place.document, place.cursor)
        context = types.CodeActionContext([], trigger_kind=types.CodeActionTriggerKind.Automatic)
        identifier = types.TextDocumentIdentifier(place.document.uri)
        asked = types.CodeActionParams(identifier, types.Range(here, here), context)
        # Whoever types on does not look at the answer.
        await asyncio.shield(self._protocol.send_request_async(types.TEXT_DOCUMENT_CODE_ACTION, asked))

    async def _ask(self, place: Place) -> None:
        await asyncio.sleep(self._habits.asks)
        self.account.requests += 1
        document, number = place.document, str(uuid4())
        identifier = types.TextDocumentIdentifier(document.uri)
        asked = types.InlineCompletionParams(_AUTOMATIC, identifier, _position(document, place.cursor))
        reply = self._protocol.send_request_async(types.TEXT_DOCUMENT_INLINE_COMPLETION, asked, number)
        try:
            answer = await asyncio.shield(reply)
        except asyncio.CancelledError:
            reply.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._protocol.notify(types.CANCEL_REQUEST, types.CancelParams(number))
            raise
        except JsonRpcException:
            return
        shown = self._show(place, answer)
        self._background.do(self._account_for(shown))

    def _show(self, place: Place, answer: Any) -> Shown | None:
        items = getattr(answer, "items", answer) or []
        if not items:
            return None
        start = _offset(place.document, items[0].range.start) if items[0].range else place.cursor
        end = _offset(place.document, items[0].range.end) if items[0].range else place.cursor
        # What stands behind the cursor and is only written again adds nothing.
        text = items[0].insert_text.removesuffix(place.text[place.cursor : end])
        self._beginning = place.text[:start] + text
        return self._screen.show(place, start, text, ENGINE)

    async def _account_for(self, shown: Shown | None) -> None:
        """Whether the model was asked, and what that cost."""
        status = await self._editor.status()
        last = status.get("lastRequest", {})
        reason = last.get("reason", "")
        if "crashed" in reason:
            raise RuntimeError(reason)
        if reason:
            self.account.nothing[reason] = self.account.nothing.get(reason, 0) + 1
        if last.get("recalled"):
            if shown is not None:
                shown.source = SERVER
        elif "promptTokens" in last:
            self.account.add(0, 0, last["generatedTokens"])
        # What was cancelled has cost something too.
        totals = status["engine"]["totals"]
        self.account.prompt_tokens = totals.get("promptTokens", 0)
        self.account.cached_tokens = totals.get("reusedTokens", 0)


def _position(document: Document, offset: int) -> types.Position:
    line = document.line_at(offset)
    return types.Position(line, offset - document.line_starts[line])


def _offset(document: Document, position: types.Position) -> int:
    return document.line_starts[position.line] + position.character
