"""JSON-RPC as the Language Server Protocol wants it: every request gets exactly one reply, whatever it holds.

pygls reads messages through a JSON object hook, which also sees nested objects, and leaves most malformed
requests unanswered; here a message is read whole, checked, and only then given its types. This module must
never know what a request is about, and it logs method names and ids, never parameters: they hold the user's code.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from enum import Enum
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol

from lsp_server.edge.framing import Unreadable, framed
from lsp_server.edge.structuring import explained

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cattrs import Converter
    from pygls.lsp.server import LanguageServer

logger = logging.getLogger(__name__)
# pygls logs whole messages, which hold the user's code.
logging.getLogger("pygls").setLevel(logging.CRITICAL + 1)

VERSION = "2.0"
CANCELLED = types.LSPErrorCodes.RequestCancelled
_Handler = Callable[[Any], Awaitable[Any]]


class Phase(Enum):
    """Where the conversation stands."""

    NEW = "not initialized"
    OPEN = "open"
    SHUT = "shut down"


class Protocol(LanguageServerProtocol):
    """One conversation with one editor.

    ``over`` is set when it ends: by ``exit``, or because the other side is gone.
    """

    untyped: frozenset[str] = frozenset(
        {
            types.TEXT_DOCUMENT_DID_OPEN,
            types.TEXT_DOCUMENT_DID_CHANGE,
            types.NOTEBOOK_DOCUMENT_DID_OPEN,
            types.NOTEBOOK_DOCUMENT_DID_CHANGE,
            types.NOTEBOOK_DOCUMENT_DID_CLOSE,
        }
    )
    """Methods whose handlers read the plain JSON: an edit must not be lost over an odd version number."""

    def __init__(self, server: LanguageServer, structuring: Converter) -> None:
        super().__init__(server, structuring)
        self.phase = Phase.NEW
        self.over = asyncio.Event()
        self._lost = False
        self._running: dict[int | str, asyncio.Future[Any]] = {}
        self._notified: set[asyncio.Future[Any]] = set()

    @property
    def was_shut_down(self) -> bool:
        """Whether the editor said goodbye."""
        return self.phase is Phase.SHUT

    def _register_builtin_features(self) -> None:
        """None: the handlers pygls brings keep a second copy of every document, which breaks on odd positions."""

    def structure_message(self, data: dict[str, Any]) -> dict[str, Any]:
        """Leave ``data`` alone: types are given in `handle_message`."""
        return data

    def receive(self, frame: bytes | Unreadable) -> None:
        """Take in one message."""
        if isinstance(frame, Unreadable):
            self._refuse(None, types.ErrorCodes.ParseError, f"could not read {frame.problem}")
            return
        try:
            message = json.loads(frame)
        except (ValueError, RecursionError):
            self._refuse(None, types.ErrorCodes.ParseError, "the message is not valid JSON")
            return
        self.handle_message(message)

    def handle_message(self, message: object) -> None:
        """Take in one parsed message of any shape."""
        if not isinstance(message, dict):
            what = "batches are not part of LSP" if isinstance(message, list) else "a message must be a JSON object"
            self._refuse(None, types.ErrorCodes.InvalidRequest, what)
        elif "method" not in message and ("result" in message or "error" in message):
            self._take_response(message)
        elif "id" not in message and isinstance(message.get("method"), str):
            self._take_notification(message["method"], message.get("params"))
        else:
            self._take_request(message)

    # Requests

    def _take_request(self, message: Mapping[str, object]) -> None:
        msg_id, method = message.get("id"), message.get("method")
        if isinstance(msg_id, bool) or not isinstance(msg_id, int | str):
            self._refuse(None, types.ErrorCodes.InvalidRequest, "`id` must be a whole number or a string")
        elif message.get("jsonrpc") != VERSION:
            self._refuse(msg_id, types.ErrorCodes.InvalidRequest, f'`jsonrpc` must be "{VERSION}"')
        elif not isinstance(method, str):
            self._refuse(msg_id, types.ErrorCodes.InvalidRequest, "`method` must be a string")
        elif refusal := self._refusal(msg_id, method):
            self._refuse(msg_id, *refusal)
        else:
            self._start(msg_id, method, message.get("params"))

    def _refusal(self, msg_id: int | str, method: str) -> tuple[int, str] | None:
        """Why a well-formed request cannot be begun now."""
        if msg_id in self._running:
            return types.ErrorCodes.InvalidRequest, f"a request with id {json.dumps(msg_id)} is still running"
        if self.phase is Phase.SHUT:
            return types.ErrorCodes.InvalidRequest, "the server was shut down; only `exit` may follow"
        if self.phase is Phase.NEW and method != types.INITIALIZE:
            return types.ErrorCodes.ServerNotInitialized, "send `initialize` first"
        if self.phase is Phase.OPEN and method == types.INITIALIZE:
            return types.ErrorCodes.InvalidRequest, "`initialize` may be sent only once"
        if method not in self.fm.features or _is_notification(method):
            return types.ErrorCodes.MethodNotFound, f"`{method[:100]}` is not served here"
        return None

    def _start(self, msg_id: int | str, method: str, params: object) -> None:
        try:
            typed = self._typed(method, params)
        except Exception as error:  # whatever the parameters did to the converter, it is their fault
            self._refuse(msg_id, types.ErrorCodes.InvalidParams, explained(error))
            return
        if method == types.INITIALIZE:
            self.phase = Phase.OPEN
        elif method == types.SHUTDOWN:
            self.phase = Phase.SHUT
            self.cancel_all()
        handler: _Handler = self.fm.features[method]
        task = asyncio.ensure_future(handler(typed))
        self._running[msg_id] = task
        # A callback, because a task that is cancelled before its first step never enters its own code.
        task.add_done_callback(lambda done: self._finish(msg_id, method, done))

    def _typed(self, method: str, params: object) -> object:
        kind: Any = types.METHOD_TO_TYPES.get(method, (None, None, None, None))[2]
        return params if kind is None or method in self.untyped else self._converter.structure(params, kind)

    def _finish(self, msg_id: int | str, method: str, task: asyncio.Future[Any]) -> None:
        del self._running[msg_id]
        if task.cancelled():
            self._refuse(msg_id, CANCELLED, "the request was cancelled")
        elif error := task.exception():
            self._refuse(msg_id, *_failure(method, error))
        else:
            self._send_data({"jsonrpc": VERSION, "id": msg_id, "result": self._converter.unstructure(task.result())})

    def _refuse(self, msg_id: int | str | None, code: int, text: str) -> None:
        logger.debug("request %r refused: %s", msg_id, text)
        self._send_data({"jsonrpc": VERSION, "id": msg_id, "error": {"code": int(code), "message": text}})

    def cancel(self, msg_id: object) -> None:
        """Stop the request of that id; it is answered with `CANCELLED`."""
        task = self._running.get(msg_id) if isinstance(msg_id, int | str) else None
        if task is not None:
            task.cancel()

    def cancel_all(self) -> None:
        """Stop every request that is running."""
        for task in tuple(self._running.values()):
            task.cancel()

    async def finish(self) -> None:
        """Stop every request that is running, and answer it if anybody still listens."""
        self.cancel_all()
        while self._running:
            await asyncio.wait(self._running.values())
            # The answers are sent by callbacks, which run after this wakes.
            await asyncio.sleep(0)

    # Notifications

    def _take_notification(self, method: str, params: object) -> None:
        if method == types.EXIT:
            self.over.set()
        elif method == types.CANCEL_REQUEST:
            self.cancel(params.get("id") if isinstance(params, dict) else None)
        elif self.phase is Phase.OPEN and method in self.fm.features and _is_notification(method):
            self._notify_handler(method, params)
        else:
            logger.debug("notification %s is not for us now", method)

    def _notify_handler(self, method: str, params: object) -> None:
        try:
            typed = self._typed(method, params)
        except Exception as error:  # as in `_start`
            logger.warning("ignored a malformed %s: %s", method, explained(error))
            return
        handler: _Handler = self.fm.features[method]
        task = asyncio.ensure_future(handler(typed))
        # The event loop itself only keeps weak references to tasks.
        self._notified.add(task)
        task.add_done_callback(lambda done: self._noted(method, done))

    def _noted(self, method: str, task: asyncio.Future[Any]) -> None:
        self._notified.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("%s failed", method, exc_info=error)

    # Responses to our own requests

    def _take_response(self, message: Mapping[str, Any]) -> None:
        msg_id = str(message.get("id"))
        future: Future[Any] | None = self._request_futures.pop(msg_id, None)
        if future is None or not future.set_running_or_notify_cancel():
            logger.debug("a response to no request of ours")
            return
        kind = self._result_types.pop(msg_id, None)
        try:
            future.set_result(self._result_of(message, kind))
        except JsonRpcException as error:
            future.set_exception(error)
        except Exception as error:  # as in `_start`
            future.set_exception(JsonRpcException(f"the editor's answer cannot be read: {explained(error)}"))

    def _result_of(self, message: Mapping[str, Any], kind: type[Any] | None) -> object:
        if (error := message.get("error")) is not None:
            raise JsonRpcException(f"the editor answered: {str(error)[:200]}")
        return message.get("result") if kind is None else self._converter.structure(dict(message), kind).result

    # Sending

    def _send_data(self, data: object) -> None:
        """Send one message; a message that cannot be sent ends the conversation, not the process."""
        if self.writer is None or self._lost:
            return
        body = json.dumps(data, default=self._serialize_message).encode()
        try:
            self.writer.write(framed(body))
        except OSError:
            # Before anything is logged: the log goes to the editor too.
            self._lost = True
            self.over.set()
            logger.info("the editor is gone")


def _is_notification(method: str) -> bool:
    """Whether the protocol has the method, and has no reply for it."""
    known = types.METHOD_TO_TYPES.get(method)
    return known is not None and known[1] is None


def _failure(method: str, error: BaseException) -> tuple[int, str]:
    if isinstance(error, JsonRpcException):
        return error.code, error.message
    logger.error("%s failed", method, exc_info=error)
    return types.ErrorCodes.InternalError, f"{method} failed: {type(error).__name__}; the log has more"
