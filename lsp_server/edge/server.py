"""The language server: one thin handler per method, and the loop that serves one editor until it is gone.

A handler takes its immutable snapshot first, asks the `Session`, and converts. It must never know how a prompt
looks or where a model computes.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from lsp_server import __version__
from lsp_server.edge import commands, convert, notebooks, questions
from lsp_server.edge.abilities import Abilities
from lsp_server.edge.present import View
from lsp_server.edge.protocol import Protocol
from lsp_server.edge.publisher import Publisher
from lsp_server.edge.structuring import converter
from lsp_server.edge.transport import over_stdio, over_tcp
from lsp_server.parts import Parts, real
from lsp_server.session import heap
from lsp_server.session.editor import Editor
from lsp_server.session.session import Session
from lsp_server.settings import Settings, in_force

if TYPE_CHECKING:
    from lsp_server.cli.options import ServeOptions
    from lsp_server.core.document import Document

logger = logging.getLogger(__name__)

NAME = "phi-lsp"
STATUS = "phi-lsp/status"
MODELS = "phi-lsp/models"
SETTINGS = "phi-lsp/settings"
_PARENT_POLL_SECONDS = 2.0


class Server(LanguageServer):
    """The server as pygls has it, with our protocol, and the one session it serves."""

    protocol: Protocol

    def __init__(self, load_parts: Callable[[], Parts], base: Settings) -> None:
        super().__init__(NAME, __version__, protocol_cls=Protocol, converter_factory=converter)
        self.session = Session(Editor(self), load_parts, base)
        self.encoding = convert.Encoding.Utf16
        self.abilities = Abilities()
        self.publisher = Publisher(self.session, self.view)
        self.unawaited: set[asyncio.Task[dict[str, Any]]] = set()
        self.session.on_findings = self.publisher.changed
        for method, handler in HANDLERS.items():
            # The table of features is all of pygls that is used: it needs no options, `initialize` has them.
            self.protocol.fm.features[method] = partial(handler, self)

    def view(self, document: Document) -> View:
        """A document as the editor sees it."""
        return View(document, self.encoding, self.abilities)

    def edit(self, identifier: Mapping[str, Any], changes: object) -> None:
        """Edit a document; one with an edit that cannot be applied is no longer known: nothing wrong is suggested."""
        uri = convert.uri_of({"textDocument": identifier})
        try:
            edits = convert.changes_of({"contentChanges": changes}, self.encoding)
            self.session.change(uri, convert.version_of(identifier), edits)
        except (TypeError, KeyError, ValueError, AttributeError, OverflowError) as error:
            self.session.forget(uri, "an edit of the document that could not be read")
            logger.warning("an edit could not be read (%s): reopen the document", type(error).__name__)


# The conversation


async def initialize(server: Server, params: types.InitializeParams) -> types.InitializeResult:
    """Tell what is served; nothing slow may happen here."""
    server.session.editor.capabilities = params.capabilities
    server.abilities = Abilities.of(params.capabilities, params.client_info.name if params.client_info else "")
    server.encoding = convert.negotiated(params.capabilities)
    server.process_id = params.process_id
    server.session.root(convert.folders_of(params))
    server.session.configure(params.initialization_options)
    return types.InitializeResult(_capabilities(server), types.ServerInfo(NAME, __version__))


def _capabilities(server: Server) -> types.ServerCapabilities:
    wished = server.session.settings
    return types.ServerCapabilities(
        position_encoding=server.encoding,
        text_document_sync=types.TextDocumentSyncOptions(
            open_close=True,
            change=types.TextDocumentSyncKind.Incremental,
            save=types.SaveOptions(include_text=False) if wished.review_on_save else None,
        ),
        notebook_document_sync=notebooks.capability() if server.abilities.notebooks else None,
        inline_completion_provider=types.InlineCompletionOptions() if wished.inline else None,
        completion_provider=types.CompletionOptions() if wished.popup else None,
        workspace=types.WorkspaceOptions(
            types.WorkspaceFoldersServerCapabilities(supported=True, change_notifications=True)
        ),
        **commands.capabilities(server),
    )


async def initialized(server: Server, _: types.InitializedParams) -> None:
    """Begin with the model now that the editor has its answer."""
    logging.getLogger("lsp_server").addHandler(server.session.editor.log_handler())
    server.session.editor.listens()
    if server.abilities.shows_status:
        server.session.presence.begin()
    await _configure(server, None)


async def did_change_configuration(server: Server, params: types.DidChangeConfigurationParams) -> None:
    """Apply what is pushed, or ask for it."""
    await _configure(server, params.settings)


async def did_change_folders(server: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Patterns of `exclude` are seen from the folders that are open."""
    gone = {folder.uri for folder in params.event.removed}
    kept = (uri for uri in server.session.documents.exclusion.roots if uri not in gone)
    server.session.root((*kept, *(folder.uri for folder in params.event.added)))


async def _configure(server: Server, sent: object) -> None:
    session = server.session
    session.configure(sent or await session.editor.configuration())
    await session.serve()


async def shutdown(server: Server, _: None) -> None:
    """Leave nothing running; `exit` follows."""
    # As the requests that somebody waits for: an editor that leaves is told nothing more.
    for task in tuple(server.unawaited):
        task.cancel()
    await server.session.close()


async def status(server: Server, _: object) -> dict[str, Any]:
    """What is served, in which state, and what came of the last request."""
    return server.session.status()


async def models(server: Server, _: object) -> dict[str, Any]:
    """The models that there are to choose from."""
    return {"models": await server.session.models()}


async def settings(server: Server, _: object) -> dict[str, Any]:
    """The settings in force."""
    return {"settings": in_force(server.session.settings)}


async def cancel_progress(server: Server, params: types.WorkDoneProgressCancelParams) -> None:
    """The user does not want the download any more."""
    server.session.editor.cancel_progress(params.token)


# Documents


async def did_open(server: Server, params: Mapping[str, Any]) -> None:
    """Follow a document."""
    server.session.open(*convert.opened(params))


async def did_change(server: Server, params: Mapping[str, Any]) -> None:
    """Apply edits."""
    server.edit(params["textDocument"], params.get("contentChanges"))


async def did_close(server: Server, params: types.DidCloseTextDocumentParams) -> None:
    """Follow a document no longer."""
    server.session.forget(params.text_document.uri, "the end of the document")


# Completions


async def inline_completion(server: Server, params: types.InlineCompletionParams) -> types.InlineCompletionList | None:
    """Ghost text."""
    document = server.session.wanted(params.text_document.uri, server.session.settings.inline)
    if document is None:
        return None
    automatic = params.context.trigger_kind == types.InlineCompletionTriggerKind.Automatic
    selected = params.context.selected_completion_info
    if selected is not None:
        seen, offset = convert.with_selected(document, selected, server.encoding)
        answer = await server.session.complete(seen, offset, automatic)
        items = convert.inline_items_after(document, selected, answer.suggestions, server.encoding)
    else:
        offset = convert.offset_at(document, params.position.line, params.position.character, server.encoding)
        answer = await server.session.complete(document, offset, automatic)
        items = convert.inline_items(document, offset, answer.suggestions, server.encoding)
    return types.InlineCompletionList(items)


async def completion(server: Server, params: types.CompletionParams) -> types.CompletionList:
    """One entry of the popup, which is never held up: what is not ready is there when the editor asks again."""
    document = server.session.wanted(params.text_document.uri, server.session.settings.popup)
    if document is None:
        return types.CompletionList(is_incomplete=False, items=[])
    offset = convert.offset_at(document, params.position.line, params.position.character, server.encoding)
    patience = server.session.settings.popup_milliseconds / 1000
    answer = await server.session.complete(document, offset, automatic=True, patience=patience)
    items = [
        item
        for suggestion in answer.suggestions[:1]
        if (item := convert.completion_item(document, offset, suggestion, server.encoding))
    ]
    # Incomplete, so that the editor asks again while the user types: the rest of the suggestion is at hand by then.
    return types.CompletionList(is_incomplete=bool(items) or not answer.final, items=items)


HANDLERS: Mapping[str, Callable[[Server, Any], Awaitable[Any]]] = {
    types.INITIALIZE: initialize,
    types.INITIALIZED: initialized,
    types.SHUTDOWN: shutdown,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: did_change_configuration,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: did_change_folders,
    types.WINDOW_WORK_DONE_PROGRESS_CANCEL: cancel_progress,
    types.TEXT_DOCUMENT_DID_OPEN: did_open,
    types.TEXT_DOCUMENT_DID_CHANGE: did_change,
    types.TEXT_DOCUMENT_DID_CLOSE: did_close,
    types.TEXT_DOCUMENT_INLINE_COMPLETION: inline_completion,
    types.TEXT_DOCUMENT_COMPLETION: completion,
    STATUS: status,
    MODELS: models,
    SETTINGS: settings,
    **commands.HANDLERS,
    **questions.HANDLERS,
    **notebooks.HANDLERS,
}
"""All of them `async def`, so that they begin in the order in which their messages came."""


# Serving


def serve(options: ServeOptions, load_parts: Callable[[], Parts] = real) -> int:
    """Serve one editor until it says `exit` or is gone; the exit status of the process."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("lsp_server").setLevel(options.log_level.upper())
    heap.keep_one()
    return asyncio.run(_serve(options, load_parts))


async def _serve(options: ServeOptions, load_parts: Callable[[], Parts]) -> int:
    base = Settings(
        auto_download=options.auto_download,
        log_level=options.log_level,
        model_sources=options.model_sources,
        offline=options.offline,
    )
    server = Server(load_parts, base)
    protocol = server.protocol
    _end_on_signals(protocol)
    watching = asyncio.ensure_future(_watch_parent(server))
    async with _transport(protocol, options):
        await protocol.over.wait()
        watching.cancel()
        await protocol.finish()
        await server.session.close()
    return 0 if protocol.was_shut_down else 1


def _transport(protocol: Protocol, options: ServeOptions) -> AbstractAsyncContextManager[None]:
    return over_stdio(protocol) if options.tcp is None else over_tcp(protocol, options.host, options.tcp)


def _end_on_signals(protocol: Protocol) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        # Not every system lets the event loop handle signals; there the default action ends the process.
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, protocol.over.set)


async def _watch_parent(server: Server) -> None:
    """End with the editor's process, also when somebody else keeps our input open."""
    await asyncio.sleep(_PARENT_POLL_SECONDS)
    import psutil  # noqa: PLC0415 - not needed to answer `initialize`

    while server.process_id is None:
        await asyncio.sleep(_PARENT_POLL_SECONDS)
    # An editor in another container names a process that cannot be seen from here.
    seen = psutil.pid_exists(server.process_id)
    logger.debug("the editor's process %d is %s", server.process_id, "watched" if seen else "out of sight")
    while seen and psutil.pid_exists(server.process_id):
        await asyncio.sleep(_PARENT_POLL_SECONDS)
    if seen:
        logger.info("the editor's process is gone")
        server.protocol.over.set()
