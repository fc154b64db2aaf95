"""A model hub on this machine: it speaks the Hugging Face hub's API and ModelScope's, and fails when it is told to.

Large files lie on a storage host of their own, as the hub's do: the same server under its other name. What was served
is counted, request by request.
"""

from __future__ import annotations

import hashlib
import json
import re
import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

COMMIT = "c0ffee" + "0" * 34
LARGE_BYTES = 10_000
"""From here on a file is kept as the hub keeps large ones: with a SHA-256, on the storage host."""

_BLOCK = 16_384
_PATIENCE_SECONDS = 30.0


@dataclass
class Repository:
    """Files by name; ``gated`` ones are given out to ``token`` alone."""

    files: dict[str, bytes]
    gated: bool = False
    token: str = "hf_good"


@dataclass(frozen=True)
class Served:
    """A request for content: which bytes were asked for and how many were sent, with which authorization.

    ``cut`` is whether it got less than it asked for.
    """

    file: str
    start: int
    sent: int
    authorization: str = ""
    cut: bool = False


@dataclass
class Faults:
    """What is to go wrong; each is used up as it happens."""

    cuts: list[int] = field(default_factory=list)
    """The next requests for content end after so many bytes; one that is shorter takes the rest to the next."""
    reset: bool = False
    """A cut is no orderly end but a reset."""
    flips: dict[str, int] = field(default_factory=dict)
    """How often the first byte of a file is sent wrong."""
    busy: int = 0
    """The next requests for content are answered 503."""
    ranges: bool = True
    together: threading.Barrier | None = None
    """So many requests for content wait for each other, once."""
    stop_after: int = -1
    """Content ends silently, with nothing more to come, after so many bytes in all."""


@dataclass
class Hub:
    """What a test sees of the server."""

    address: str
    repositories: dict[str, Repository] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    served: list[Served] = field(default_factory=list)
    granted: int = 0
    """Bytes of content that were or are going to be sent, unless they are cut."""
    asked: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def sent(self) -> int:
        """Bytes of content that were sent."""
        return sum(each.sent for each in self.served)

    def sent_of(self, file: str) -> int:
        return sum(each.sent for each in self.served if each.file == file)


def git_id(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@contextmanager
def serving() -> Iterator[Hub]:
    """A server on a free port until the block ends."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        hub = Hub(f"http://127.0.0.1:{server.server_port}")
        server.daemon_threads = True
        server.hub = hub
        server.handle_error = lambda *_: None
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield hub
        finally:
            hub.over.set()
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ThreadingHTTPServer
    _ROUTES: ClassVar[Mapping[str, str]] = {
        r"/api/models/(?P<name>[^/]+/[^/]+)/revision/(?P<revision>[^/]+)": "_information",
        r"/api/models/(?P<name>[^/]+/[^/]+)/tree/(?P<revision>[^/]+)": "_tree",
        r"/(?P<name>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<file>.+)": "_resolve",
        r"/storage/(?P<name>[^/]+/[^/]+)/(?P<file>.+)": "_storage",
        r"/api/v1/models/(?P<name>[^/]+/[^/]+)/repo/files": "_listing",
        r"/api/v1/models/(?P<name>[^/]+/[^/]+)/repo": "_scope_file",
    }

    @property
    def hub(self) -> Hub:
        return self.server.hub

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        self.query = {key: values[0] for key, values in parse_qs(url.query).items()}
        self.hub.asked.append(f"{self.command} {url.path}")
        for pattern, route in self._ROUTES.items():
            if match := re.fullmatch(pattern, url.path):
                getattr(self, route)(**{key: unquote(value) for key, value in match.groupdict().items()})
                return
        self._answer(404, b"no such address")

    # The Hugging Face hub

    def _information(self, name: str, revision: str) -> None:
        repository = self._repository(name, revision)
        if repository is not None:
            siblings = [_sibling(file, content) for file, content in repository.files.items()]
            gated = "manual" if repository.gated else False
            facts = {"id": name, "modelId": name, "sha": COMMIT, "private": False, "gated": gated, "tags": []}
            self._json({**facts, "downloads": 0, "likes": 0, "siblings": siblings})

    def _tree(self, name: str, revision: str) -> None:
        repository = self._repository(name, revision)
        if repository is not None:
            self._json([_entry(file, content) for file, content in repository.files.items()])

    def _resolve(self, name: str, revision: str, file: str) -> None:
        repository = self._repository(name, revision)
        if repository is None or not self._admitted(repository):
            return
        content = repository.files.get(file)
        if content is None:
            self._answer(404, b"", {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT})
        elif len(content) >= LARGE_BYTES:
            # The same server under another name: to a client it is another host.
            host = self.hub.address.replace("127.0.0.1", "localhost")
            headers = {"X-Linked-ETag": f'"{sha256(content)}"', "X-Linked-Size": str(len(content))}
            self._answer(302, b"", {**headers, "X-Repo-Commit": COMMIT, "Location": f"{host}/storage/{name}/{file}"})
        else:
            self._content(file, content, {"ETag": f'"{git_id(content)}"', "X-Repo-Commit": COMMIT})

    def _storage(self, name: str, file: str) -> None:
        self._content(file, self.hub.repositories[name].files[file], {})

    def _repository(self, name: str, revision: str) -> Repository | None:
        repository = self.hub.repositories.get(name)
        if repository is None:
            # What is not there and what is private look the same from outside.
            self._answer(401, b"", {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"})
        elif revision not in ("main", COMMIT):
            self._answer(404, b"", {"X-Error-Code": "RevisionNotFound", "X-Error-Message": "Invalid rev id"})
            return None
        return repository

    def _admitted(self, repository: Repository) -> bool:
        authorization = self.headers.get("Authorization", "")
        if not repository.gated or authorization == f"Bearer {repository.token}":
            return True
        status = 403 if authorization else 401
        self._answer(status, b"", {"X-Error-Code": "GatedRepo", "X-Error-Message": "Access to model is restricted."})
        return False

    # ModelScope

    def _listing(self, name: str) -> None:
        repository = self._scope_repository(name)
        if repository is not None:
            folders = [{"Path": "folder", "Name": "folder", "Type": "tree", "Size": 0, "Sha256": ""}]
            files = [
                {"Path": file, "Name": file, "Type": "blob", "Size": len(content), "Sha256": sha256(content)}
                for file, content in repository.files.items()
            ]
            self._json({"Code": 200, "Success": True, "Message": "success", "Data": {"Files": folders + files}})

    def _scope_file(self, name: str) -> None:
        repository = self._scope_repository(name)
        if repository is not None:
            file = self.query["FilePath"]
            self._content(file, repository.files[file], {})

    def _scope_repository(self, name: str) -> Repository | None:
        repository = self.hub.repositories.get(name)
        if repository is None or self.query.get("Revision") != "master":
            self._json({"Code": 10010205001, "Success": False, "Message": "not found", "Data": None}, 404)
            return None
        if repository.gated and self.headers.get("Authorization") != f"Bearer {repository.token}":
            self._json({"Code": 10010205002, "Success": False, "Message": "no permission", "Data": None}, 403)
            return None
        return repository

    # Content

    def _content(self, file: str, content: bytes, headers: dict[str, str]) -> None:
        if self.command == "HEAD":
            self._answer(200, content, headers)
            return
        if self.hub.faults.busy:
            self.hub.faults.busy -= 1
            self._answer(503, b"")
            return
        self._meet()
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")) if self.hub.faults.ranges else None
        start = int(wanted[1]) if wanted else 0
        end = min(int(wanted[2]) + 1 if wanted and wanted[2] else len(content), len(content))
        self.send_response(206 if wanted else 200)
        if wanted:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(content)}")
        self._head({**headers, "Accept-Ranges": "bytes", "Content-Length": str(end - start)})
        self._send(file, start, self._spoiled(file, start, content[start:end]))

    def _meet(self) -> None:
        if self.hub.faults.together is not None:
            self.hub.faults.together.wait(_PATIENCE_SECONDS)
            self.hub.faults.together = None

    def _spoiled(self, file: str, start: int, body: bytes) -> bytes:
        with self.hub.lock:
            if start == 0 and self.hub.faults.flips.get(file):
                self.hub.faults.flips[file] -= 1
                return bytes([body[0] ^ 1]) + body[1:]
        return body

    def _send(self, file: str, start: int, body: bytes) -> None:
        allowed = self._allowed(len(body))
        sent = 0
        try:
            while sent < min(allowed, len(body)):
                block = body[sent : min(sent + _BLOCK, allowed)]
                self.wfile.write(block)
                sent += len(block)
        finally:
            with self.hub.lock:
                authorization = self.headers.get("Authorization", "")
                self.hub.served.append(Served(file, start, sent, authorization, cut=sent < len(body)))
        if allowed < len(body):
            self._cut()

    def _allowed(self, wanted: int) -> int:
        """How many bytes this request may have before it is cut."""
        faults = self.hub.faults
        with self.hub.lock:
            if faults.stop_after >= 0:
                granted = max(0, min(wanted, faults.stop_after - self.hub.granted))
                self.hub.granted += granted
                return granted
            self.hub.granted += wanted
            if not faults.cuts:
                return wanted
            if faults.cuts[0] >= wanted:
                faults.cuts[0] -= wanted
                return wanted
            return faults.cuts.pop(0)

    def _cut(self) -> None:
        if self.hub.faults.stop_after >= 0:
            self.hub.over.wait()
        if self.hub.faults.reset:
            # With nothing to linger for, the connection ends by a reset, and what was not read yet is lost.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        with suppress(OSError):
            if not self.hub.faults.reset:
                self.connection.shutdown(socket.SHUT_WR)
            self.connection.close()

    def _json(self, value: object, status: int = 200) -> None:
        self._answer(status, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str] = {}) -> None:
        self.send_response(status)
        self._head({**headers, "Content-Length": str(len(body))})
        if self.command != "HEAD":
            self.wfile.write(body)

    def _head(self, headers: Mapping[str, str]) -> None:
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def _sibling(file: str, content: bytes) -> dict[str, object]:
    facts: dict[str, object] = {"rfilename": file, "size": len(content), "blobId": git_id(content)}
    if len(content) >= LARGE_BYTES:
        facts["lfs"] = {"sha256": sha256(content), "size": len(content), "pointerSize": 134}
    return facts


def _entry(file: str, content: bytes) -> dict[str, object]:
    facts: dict[str, object] = {"type": "file", "path": file, "size": len(content), "oid": git_id(content)}
    if len(content) >= LARGE_BYTES:
        facts["lfs"] = {"oid": sha256(content), "size": len(content), "pointerSize": 134}
    return facts
