"""An LSP client for tests: a real process, and a strict reader.

It fails on what nobody read, on a reply to no request and on a second reply to the same request.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from lsp_server.edge.framing import Frames, Unreadable, framed

REPOSITORY = Path(__file__).parents[2]
Json = Any
FOREVER_SECONDS = 150.0
"""No answer in this time is a failed test; no test passes or fails by a shorter one."""


class Refused(AssertionError):  # noqa: N818 - named as the protocol calls it
    """The server answered with an error."""

    def __init__(self, error: Json) -> None:
        super().__init__(f"{error['code']}: {error['message']}")
        self.code = error["code"]
        self.message = error["message"]


@dataclass
class Reply:
    """What came back and when (`time.perf_counter`)."""

    message: Json
    at: float

    @property
    def result(self) -> Json:
        if "error" in self.message:
            raise Refused(self.message["error"])
        return self.message["result"]


@dataclass
class Client:
    """Starts ``command`` and speaks LSP with it.

    ``answers`` are the replies to the server's own requests by method, each a function of the parameters; a request
    that is not in it fails the test. Notifications wait to be taken with `take`; those in ``ignored`` need not be.
    """

    command: Sequence[str] = (sys.executable, "-m", "lsp_server")
    answers: dict[str, Callable[[Json], Json]] = field(default_factory=dict)
    ignored: tuple[str, ...] = ("window/logMessage",)
    environment: dict[str, str] | None = None
    expected_status: int | None = 0

    def __post_init__(self) -> None:
        self.problems: list[str] = []
        self.stderr = bytearray()
        self.received = bytearray()
        self._asked: dict[str, float] = {}
        self._replies: dict[str, Reply] = {}
        self._notifications: dict[str, list[Json]] = defaultdict(list)
        self._news = threading.Condition()
        self._next_id = 0
        self._over = False
        self.anonymous: queue.SimpleQueue[Json] = queue.SimpleQueue()
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=REPOSITORY,
            env=self.environment,
            bufsize=0,
        )
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._read, self._read_errors)]
        for thread in self._threads:
            thread.start()

    # Sending

    def send(self, message: Json) -> None:
        self.send_bytes(framed(json.dumps(message).encode()))

    def send_bytes(self, data: bytes) -> None:
        self.process.stdin.write(data)

    def notify(self, method: str, params: Json = None) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def request(self, method: str, params: Json = None, msg_id: Json = None) -> Json:
        if msg_id is None:
            self._next_id += 1
            msg_id = self._next_id
        self.expect(msg_id)
        self.send({"jsonrpc": "2.0", "id": msg_id, "method": method, "params": params})
        return msg_id

    def expect(self, msg_id: Json) -> None:
        """A request with that id is about to be sent: it must get one reply."""
        with self._news:
            assert _key(msg_id) not in self._asked, "use an id once per client, or the test proves nothing"
            self._asked[_key(msg_id)] = time.perf_counter()

    def cancel(self, msg_id: Json) -> None:
        self.notify("$/cancelRequest", {"id": msg_id})

    # Waiting

    def reply(self, msg_id: Json) -> Reply:
        """The one reply to a request."""
        return self.until(lambda: self._replies.get(_key(msg_id)), f"a reply to {msg_id!r}")

    def answered(self, msg_id: Json) -> bool:
        """Whether the reply has come."""
        with self._news:
            return _key(msg_id) in self._replies

    def call(self, method: str, params: Json = None) -> Json:
        """The result of a request; raises `Refused` when it is an error."""
        return self.reply(self.request(method, params)).result

    def refusal(self, method: str, params: Json = None) -> Refused:
        """The error that a request must be answered with."""
        try:
            result = self.call(method, params)
        except Refused as refused:
            return refused
        raise AssertionError(f"{method} was answered with {result!r}")

    def take(self, method: str) -> Json:
        """The parameters of the next notification of that method."""
        self.until(lambda: self._notifications[method] or None, f"a {method}")
        return self._notifications[method].pop(0)

    def taken_all(self, method: str) -> list[Json]:
        """Everything of that method that has come so far."""
        with self._news:
            return self._notifications.pop(method, [])

    def until(self, found: Callable[[], Json], what: str) -> Json:
        """The first value of ``found`` that is not None."""
        with self._news:
            self._news.wait_for(lambda: found() is not None or self._over, FOREVER_SECONDS)
            assert found() is not None, self._late(what)
            return found()

    def latency(self, msg_id: Json) -> float:
        """Seconds from the request to its reply."""
        return self.reply(msg_id).at - self._asked[_key(msg_id)]

    # A conversation

    def initialize(self, capabilities: Json = None, options: Json = None, **more: Json) -> Json:
        params = {"processId": None, "rootUri": None, "capabilities": capabilities or {}, **more}
        result = self.call("initialize", {**params, "initializationOptions": options})
        self.notify("initialized", {})
        return result

    def open(self, uri: str, text: str, language: str = "python") -> None:
        item = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def status(self) -> Json:
        return self.call("phi-lsp/status")

    def when(self, true: Callable[[Json], bool]) -> Json:
        """The first status for which ``true`` holds."""
        end = time.monotonic() + FOREVER_SECONDS
        while time.monotonic() < end:
            status = self.status()
            if true(status):
                return status
            time.sleep(0.005)
        raise AssertionError(f"the status stays {status}; the server said: {self.stderr.decode()}")

    def close(self) -> None:
        """Say goodbye, and check that nothing was left over."""
        if self.process.poll() is None:
            if self.expected_status == 0:
                self.call("shutdown")
            self.notify("exit")
        self.wait()
        unanswered = [msg_id for msg_id in self._asked if msg_id not in self._replies]
        unread = {method: sent for method, sent in self._notifications.items() if sent and method not in self.ignored}
        assert not self.problems, self.problems
        assert not unanswered, f"never answered: {unanswered}"
        assert not unread, f"nobody read: {unread}"
        assert self.expected_status in (None, self.process.returncode), self.stderr.decode()

    def wait(self) -> None:
        try:
            self.process.wait(FOREVER_SECONDS)
        finally:
            self.process.kill()
        for thread in self._threads:
            thread.join(FOREVER_SECONDS)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if error is None:
            self.close()
        else:
            self.process.kill()
            self.wait()
            print(self.stderr.decode())

    # Reading

    def _late(self, what: str) -> str:
        return f"waited in vain for {what}; problems: {self.problems}; the server said: {self.stderr.decode()}"

    def _read(self) -> None:
        frames = Frames()
        while chunk := self.process.stdout.read(1 << 16):
            now = time.perf_counter()
            self.received += chunk
            for frame in frames.feed(chunk):
                with self._news:
                    self._file(frame, now)
                    self._news.notify_all()
        with self._news:
            self._over = True
            self._news.notify_all()

    def _file(self, frame: bytes | Unreadable, now: float) -> None:
        if isinstance(frame, Unreadable):
            self.problems.append(f"unreadable: {frame.problem}")
            return
        message = json.loads(frame)
        if "method" in message and "id" in message:
            self._answer(message)
        elif "method" in message:
            self._notifications[message["method"]].append(message["params"])
        elif message["id"] is None:
            self.anonymous.put(message)
        else:
            self._file_reply(message, now)

    def _file_reply(self, message: Json, now: float) -> None:
        key = _key(message["id"])
        if key not in self._asked:
            self.problems.append(f"a reply to no request: {message}")
        elif key in self._replies:
            self.problems.append(f"a second reply: {message}")
        elif ("result" in message) == ("error" in message):
            self.problems.append(f"not exactly one of result and error: {message}")
        else:
            self._replies[key] = Reply(message, now)

    def _answer(self, message: Json) -> None:
        answer = self.answers.get(message["method"])
        if answer is None:
            self.problems.append(f"nobody answers {message['method']}")
        else:
            threading.Thread(target=self._send_answer, args=(message, answer), daemon=True).start()

    def _send_answer(self, message: Json, answer: Callable[[Json], Json]) -> None:
        self.send({"jsonrpc": "2.0", "id": message["id"], "result": answer(message.get("params"))})

    def _read_errors(self) -> None:
        while chunk := self.process.stderr.read(1 << 16):
            self.stderr += chunk


def _key(msg_id: Json) -> str:
    # 1 and "1" are different ids.
    return json.dumps(msg_id)
