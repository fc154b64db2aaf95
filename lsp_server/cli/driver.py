"""The server driven over stdio as an editor drives it: what ``demo``, and the benchmarks, look through.

It starts the real server in a process of its own and knows nothing of what happens inside.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.exceptions import PyglsError
from pygls.lsp.client import LanguageClient

from lsp_server import __version__
from lsp_server.core.document import Document, Span
from lsp_server.core.finding import Edit, Fix

QUIET = ("--log-level", "error")
"""Nobody reads the server's standard error here; a full pipe would stop it."""

INVOKED = types.InlineCompletionContext(types.InlineCompletionTriggerKind.Invoked)
AUTOMATIC = types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic)


@dataclass(frozen=True)
class Answer:
    """What came back: the text of every item, best first, and the server's own account of the request."""

    texts: tuple[str, ...]
    status: dict[str, Any]


class Editor:
    """A connected client. Positions are utf-32, so that a column is a code point."""

    def __init__(self, client: LanguageClient) -> None:
        self._client = client
        self._version = 0

    def open(self, uri: str, language_id: str, text: str) -> Document:
        """Show ``text`` to the server as a newly opened document."""
        item = types.TextDocumentItem(uri, language_id, 0, text)
        self._client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return Document(uri, language_id, text)

    def close(self, document: Document) -> None:
        """Close it again."""
        identifier = types.TextDocumentIdentifier(document.uri)
        self._client.text_document_did_close(types.DidCloseTextDocumentParams(identifier))

    async def complete(self, document: Document, offset: int, automatic: bool = False) -> Answer:
        """Invoke inline completion at ``offset``, or ask as editors do unasked, and wait for the answer."""
        line = document.line_at(offset)
        position = types.Position(line, offset - document.line_starts[line])
        identifier = types.TextDocumentIdentifier(document.uri)
        reply = await self._client.text_document_inline_completion_async(
            types.InlineCompletionParams(AUTOMATIC if automatic else INVOKED, identifier, position)
        )
        items = reply.items if isinstance(reply, types.InlineCompletionList) else reply or []
        return Answer(tuple(_text(item) for item in items), await self.status())

    async def reviewed(self, document: Document) -> list[types.Diagnostic]:
        """Have every function of the document reviewed, and ask what is known; ``data`` as plain containers."""
        asked = types.ExecuteCommandParams("phi-lsp.review", [{"uri": document.uri}])
        await self._client.workspace_execute_command_async(asked)
        identifier = types.TextDocumentIdentifier(document.uri)
        report = await self._client.text_document_diagnostic_async(types.DocumentDiagnosticParams(identifier))
        found: list[types.Diagnostic] = list(getattr(report, "items", []))
        for one in found:
            one.data = _plain(one.data)
        return found

    async def commanded(self, name: str, document: Document, offset: int, instruction: str = "") -> Fix:
        """What the command of that name would change, asked for at ``offset``; its title is what the server says."""
        line = document.line_at(offset)
        position = {"line": line, "character": offset - document.line_starts[line]}
        wish = {"uri": document.uri, "position": position, **({"instruction": instruction} if instruction else {})}
        asked = types.ExecuteCommandParams(f"phi-lsp.{name}", [wish])
        answer = _plain(await self._client.workspace_execute_command_async(asked))
        # This client takes no edits, so that the answer holds them.
        edits = [_edit(document, edit) for part in _parts(answer.get("edit") or {}) for edit in part]
        return Fix(answer.get("summary") or answer["reason"], tuple(edits))

    async def status(self) -> dict[str, Any]:
        """The server's ``phi-lsp/status``."""
        answer = await self._client.protocol.send_request_async("phi-lsp/status", {})
        plain: dict[str, Any] = _plain(answer)
        return plain


def _text(item: types.InlineCompletionItem) -> str:
    text = item.insert_text
    return text if isinstance(text, str) else text.value


def _parts(edit: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """The edits of each document that a workspace edit changes."""
    return [*(edit.get("changes") or {}).values(), *(part["edits"] for part in edit.get("documentChanges") or [])]


def _edit(document: Document, edit: dict[str, Any]) -> Edit:
    places = [edit["range"][end] for end in ("start", "end")]
    return Edit(Span(*(document.line_starts[place["line"]] + place["character"] for place in places)), edit["newText"])


def _plain(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A JSON value as plain containers; pygls gives objects of unknown type as named tuples."""
    if hasattr(value, "_asdict"):
        return {key: _plain(part) for key, part in value._asdict().items()}
    return [_plain(part) for part in value] if isinstance(value, list) else value


@asynccontextmanager
async def editor(settings: dict[str, Any], folder: Path, arguments: Sequence[str] = QUIET) -> AsyncIterator[Editor]:
    """A server started in ``folder`` with ``settings`` as initializationOptions, ended in the orderly way."""
    client = LanguageClient("phi-lsp-driver", __version__)
    for shown in (types.WINDOW_LOG_MESSAGE, types.WINDOW_SHOW_MESSAGE, types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS):
        client.feature(shown)(lambda _: None)  # for people with an editor; this one asks
    await client.start_io(sys.executable, "-m", "lsp_server", *arguments, cwd=str(folder))
    try:
        await client.initialize_async(_hello(settings, folder))
        client.initialized(types.InitializedParams())
        yield Editor(client)
    finally:
        # Whatever happened: `stop` waits for the server, which waits to be told.
        with suppress(TimeoutError, PyglsError, OSError):
            await asyncio.wait_for(client.shutdown_async(None), 10)
        with suppress(OSError):
            client.exit(None)
        await client.stop()  # type: ignore[no-untyped-call] # pygls gives it no type


def _hello(settings: dict[str, Any], folder: Path) -> types.InitializeParams:
    encodings = [types.PositionEncodingKind.Utf32]
    return types.InitializeParams(
        types.ClientCapabilities(general=types.GeneralClientCapabilities(position_encodings=encodings)),
        root_uri=folder.as_uri(),
        initialization_options=settings,
    )
