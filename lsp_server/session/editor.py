"""What the server says to the editor without being asked: messages, questions, progress, log lines.

It must never know what they are about.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp_server.session.works import Stopped
from lsp_server.settings import SECTION

if TYPE_CHECKING:
    from pygls.lsp.server import LanguageServer

logger = logging.getLogger(__name__)
_PATIENCE_SECONDS = 5.0
STATUS_CHANGED = "phi-lsp/statusChanged"

_UNSEEN_SECONDS = 0.5
"""Work that is over by then shows no progress bar."""


class Progress:
    """One progress bar; `report` and `cancelled` may be used from any thread."""

    def __init__(self, editor: Editor, token: int | str, on_cancel: Callable[[], object] = lambda: None) -> None:
        self._editor = editor
        self._on_cancel = on_cancel
        self._loop = asyncio.get_running_loop()
        self._cancelled = threading.Event()
        self._last: tuple[int, str] | None = None
        self.token = token
        self.text = ""
        """What was said last, for a bar that is shown only later."""

    def cancel(self) -> None:
        """Ask whoever works to stop."""
        self._cancelled.set()
        self._on_cancel()

    def cancelled(self) -> bool:
        """Whether the user, or the end of the server, asked to stop."""
        return self._cancelled.is_set()

    def report(self, percent: int, text: str) -> None:
        """Show ``percent`` and ``text``, when they differ from what is shown."""
        if (percent, text) != self._last and not self.cancelled():
            self._last = (percent, text)
            report = types.WorkDoneProgressReport(percentage=percent, message=text, cancellable=True)
            self._loop.call_soon_threadsafe(self._editor.send_progress, self.token, report)

    def say(self, text: str) -> None:
        """Show ``text`` where it is not known how much there is."""
        self.text = text
        self._editor.send_progress(self.token, types.WorkDoneProgressReport(message=text, cancellable=True))


class Editor:
    """The editor at the other end, as far as we speak first."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self._told: set[str] = set()
        self._bars: dict[int | str, Progress] = {}
        self.capabilities = types.ClientCapabilities()

    def say(self, text: str) -> None:
        """Show what came of something that was just asked for."""
        self._server.window_show_message(types.ShowMessageParams(types.MessageType.Info, text))

    def tell(self, text: str, kind: types.MessageType = types.MessageType.Warning, once: bool = True) -> None:
        """Show a message, the same one only ``once``."""
        logger.warning("told the user: %s", text)
        if text not in self._told or not once:
            self._told.add(text)
            self._server.window_show_message(types.ShowMessageParams(kind, text))

    def status_changed(self, summary: dict[str, Any]) -> None:
        """Tell an editor that wishes it what it shows of us at a glance."""
        self._server.protocol.notify(STATUS_CHANGED, summary)

    def inform(self, text: str) -> None:
        """Show what is no trouble but must be known."""
        self.tell(text, types.MessageType.Info)

    async def ask(self, text: str, *actions: str) -> str:
        """Show a question with buttons; the one that was pressed, empty when it was closed."""
        items = [types.MessageActionItem(title) for title in actions]
        request = types.ShowMessageRequestParams(types.MessageType.Info, text, items)
        try:
            chosen = await self._server.window_show_message_request_async(request)
        except JsonRpcException as error:
            logger.warning("the editor could not ask the user: %s", error)
            return ""
        return chosen.title if chosen else ""

    @asynccontextmanager
    async def progress(self, title: str) -> AsyncIterator[Progress]:
        """A progress bar while the block runs; where the editor has none, only the cancellation works."""
        bar = Progress(self, f"phi-lsp/{uuid.uuid4()}")
        shown = await self._create(bar.token)
        if shown:
            self._bars[bar.token] = bar
            self.send_progress(bar.token, types.WorkDoneProgressBegin(title, cancellable=True, percentage=0))
        try:
            yield bar
        finally:
            bar.cancel()
            if self._bars.pop(bar.token, None):
                self._server.progress(types.ProgressParams(bar.token, types.WorkDoneProgressEnd()))

    @asynccontextmanager
    async def working(self, title: str, token: int | str | None = None) -> AsyncIterator[Progress]:
        """A progress bar for the task that runs the block, once that takes a while; cancelling one cancels the other.

        ``token`` is the editor's own for this, if it has one.

        Raises:
            Stopped: the user cancelled it by the bar.
        """
        task = asyncio.current_task()
        assert task is not None
        bar = Progress(self, token if token is not None else f"phi-lsp/{uuid.uuid4()}", task.cancel)
        showing = asyncio.ensure_future(self._show(bar, title, known=token is not None))
        try:
            yield bar
        except asyncio.CancelledError:
            if not bar.cancelled():
                raise
            task.uncancel()
            raise Stopped("cancelled") from None
        finally:
            showing.cancel()
            if self._bars.pop(bar.token, None):
                self._server.progress(types.ProgressParams(bar.token, types.WorkDoneProgressEnd()))

    async def _show(self, bar: Progress, title: str, known: bool) -> None:
        await asyncio.sleep(_UNSEEN_SECONDS)
        if known or await self._create(bar.token):
            self._bars[bar.token] = bar
            self.send_progress(
                bar.token, types.WorkDoneProgressBegin(title, cancellable=True, message=bar.text or None)
            )

    async def apply(self, edit: types.WorkspaceEdit, label: str) -> str:
        """Why the editor did not make an edit; empty when it did."""
        try:
            answer = await self._server.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, label))
        except JsonRpcException as error:
            return str(error)
        return "" if answer.applied else answer.failure_reason or "the editor did not take the edit"

    def publish(self, params: types.PublishDiagnosticsParams) -> None:
        """Show these diagnostics of a document, and no others of ours."""
        self._server.text_document_publish_diagnostics(params)

    async def refresh(self) -> None:
        """Have the editor ask for diagnostics again."""
        try:
            await self._server.workspace_diagnostic_refresh_async(None)
        except JsonRpcException as error:
            logger.info("the editor did not ask for diagnostics again: %s", error)

    async def _create(self, token: int | str) -> bool:
        if not (self.capabilities.window and self.capabilities.window.work_done_progress):
            return False
        request = types.WorkDoneProgressCreateParams(token)
        try:
            await asyncio.wait_for(self._server.window_work_done_progress_create_async(request), _PATIENCE_SECONDS)
        except (JsonRpcException, TimeoutError) as error:
            logger.info("no progress bar: %s", error)
            return False
        return True

    def send_progress(
        self, token: int | str, value: types.WorkDoneProgressBegin | types.WorkDoneProgressReport
    ) -> None:
        """Move a bar that is shown; one that has ended stays as it is."""
        if token in self._bars:
            self._server.progress(types.ProgressParams(token, value))

    def cancel_progress(self, token: int | str) -> None:
        """The user pressed cancel."""
        bar = self._bars.get(token)
        if bar is not None:
            bar.cancel()

    async def configuration(self) -> object:
        """Our section of the configuration, asked of the editor; None where it cannot be asked or has none."""
        workspace = self.capabilities.workspace
        if not (workspace and workspace.configuration):
            return None
        request = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
        try:
            answer = await asyncio.wait_for(self._server.workspace_configuration_async(request), _PATIENCE_SECONDS)
        except (JsonRpcException, TimeoutError) as error:
            logger.info("the editor did not tell its configuration: %s", error)
            return None
        return answer[0] if answer else None

    def log_handler(self) -> logging.Handler:
        """Sends log records to the editor's own log."""
        return _EditorLog(self._server, asyncio.get_running_loop())


class _EditorLog(logging.Handler):
    def __init__(self, server: LanguageServer, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._server = server
        self._loop = loop

    def emit(self, record: logging.LogRecord) -> None:
        kind = {logging.ERROR: types.MessageType.Error, logging.WARNING: types.MessageType.Warning}
        params = types.LogMessageParams(kind.get(record.levelno, types.MessageType.Log), self.format(record))
        # Through the loop, because records come from the download's thread too; one that comes after its end is
        # still on stderr.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._server.window_log_message, params)
