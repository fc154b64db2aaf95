"""A server of the OpenAI completions API that does what a test tells it, well or badly, and notes what it was asked."""

from __future__ import annotations

import json
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "the-key"
MODEL = "far-model"


class Exchange(BaseHTTPRequestHandler):
    """One connection; an act is given this and answers."""

    protocol_version = "HTTP/1.1"
    server: Server

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1
        self.server.opened.append(self.connection)

    def do_GET(self) -> None:
        self._serve(self.server.on_models)

    def do_POST(self) -> None:
        self.body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append(Asked(self.path, dict(self.headers), self.body))
        self._serve(self.server.next_act())

    def _serve(self, act: Act) -> None:
        if self.server.key and self.headers.get("authorization") != f"Bearer {self.server.key}":
            act = refuses(401)
        try:
            act(self)
        except ConnectionError:
            self.close_connection = True

    def begin(self, status: int = 200, kind: str = "text/event-stream") -> None:
        """Headers of an answer of unknown length."""
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def send(self, data: bytes) -> None:
        """One chunk."""
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def cut(self) -> None:
        """The connection, in the middle of whatever it was."""
        self.wfile.flush()
        self.connection.shutdown(2)
        self.close_connection = True

    def until_closed(self) -> bool:
        """Wait until the client has closed the connection; whether it said nothing more."""
        self.connection.settimeout(30)
        return self.rfile.read(1) == b""

    def log_message(self, *_: object) -> None:
        pass


Act = Callable[[Exchange], None]


@dataclass
class Asked:
    """A request for a completion."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class Server(ThreadingHTTPServer):
    """``acts`` answer one request each, the last of them all that follow."""

    daemon_threads = True

    def __init__(self, *acts: Act, key: str = "", models: Act | None = None, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Exchange)
        self.acts = list(acts)
        self.key = key
        self.on_models = models or offers(MODEL)
        self.asked: list[Asked] = []
        self.closed: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self.scheme = "http"
        self.connections = 0
        self.opened: list[socket.socket] = []

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.server_address[1]}/v1"

    def next_act(self) -> Act:
        # The first question is whether the server tells how likely a text is; most do not.
        if self.asked[-1].body.get("echo") and not getattr(self, "echoes", False):
            return refuses(400, "echo is not supported")
        return self.acts.pop(0) if len(self.acts) > 1 else self.acts[0]

    @property
    def questions(self) -> list[Asked]:
        """What was asked, but for whether it tells likelihoods."""
        return [asked for asked in self.asked if not asked.body.get("echo")]

    def handle_error(self, *_: object) -> None:
        """A client that goes away is what some tests are about."""


@contextmanager
def serving(*acts: Act, certificate: str = "", **more: Any) -> Iterator[Server]:
    """A server that runs."""
    server = Server(*(acts or (says("far", " away"),)), **more)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.scheme = "https"
    thread = threading.Thread(target=lambda: server.serve_forever(0.02), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        for connection in server.opened:
            # Those that are kept for another request would be served on.
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def event(text: str = "", finish: str | None = None, **more: Any) -> bytes:
    """One piece of an answer."""
    said = {"choices": [{"index": 0, "text": text, "finish_reason": finish}], **more}
    return b"data: " + json.dumps(said, ensure_ascii=False).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


def sends(*parts: bytes) -> Act:
    """An answer of exactly these bytes."""

    def act(exchange: Exchange) -> None:
        exchange.begin()
        for part in parts:
            exchange.send(part)
        exchange.send(b"")

    return act


def says(*texts: str) -> Act:
    """A whole answer."""
    return sends(*map(event, texts), event("", "stop"), DONE)


def breaks_after(*texts: str) -> Act:
    """An answer that is cut off by the end of the connection."""

    def act(exchange: Exchange) -> None:
        if texts:
            exchange.begin()
        for text in texts:
            exchange.send(event(text))
        exchange.cut()

    return act


def waits_after(*texts: str) -> Act:
    """An answer that stops coming."""

    def act(exchange: Exchange) -> None:
        gone = True
        # A client may go before anything is said.
        with suppress(ConnectionError):
            exchange.begin()
            for text in texts:
                exchange.send(event(text))
            gone = exchange.until_closed()
        exchange.close_connection = True
        exchange.server.closed.put(gone)

    return act


def refuses(status: int, message: str = "", **headers: str) -> Act:
    """No answer."""
    return gives({"error": {"message": message}} if message else {}, status, **headers)


def gives(said: object, status: int = 200, **headers: str) -> Act:
    """An answer in one piece of JSON."""

    def act(exchange: Exchange) -> None:
        data = json.dumps(said).encode()
        exchange.send_response(status)
        for name, value in headers.items():
            exchange.send_header(name, value)
        exchange.send_header("content-length", str(len(data)))
        exchange.end_headers()
        exchange.wfile.write(data)

    return act


def offers(*names: str, **more: Any) -> Act:
    """The list of models."""
    return gives({"object": "list", "data": [{"id": name, **more} for name in names]})
