"""A wire tap between the editor and the server: ``python -m tests.editors.vscode.tap TRANSCRIPT PROGRAM…``.

Passes every message on and writes it down, a line each. After every answer to a request for ghost text it asks the
server by itself for its status, keeps the answer from the editor, and writes that down too: what the engine computed.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO

OURS = "tap "
"""What the numbers of our own requests begin with; several may be under way."""
Message = dict[str, Any]


def main() -> int:
    transcript, *command = sys.argv[1:]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdin
    assert server.stdout
    tap = Tap(Path(transcript), server.stdin)
    tap.note("tap", {"processId": server.pid})
    # Daemons: whoever lives longer, editor or server, does not keep this process.
    threading.Thread(target=tap.from_editor, args=(sys.stdin.buffer,), daemon=True).start()
    tap.from_server(server.stdout, sys.stdout.buffer)
    return server.wait()


class Tap:
    """Both directions, and the transcript of what went through."""

    def __init__(self, transcript: Path, to_server: BinaryIO) -> None:
        self._file = transcript.open("a", encoding="utf-8")
        self._to_server = to_server
        self._lock = threading.Lock()
        self._asked: dict[int | str, str] = {}
        self._numbers = itertools.count()

    def from_editor(self, editor: BinaryIO) -> None:
        """Until the editor closes its end."""
        while (message := _read(editor)) is not None:
            if "method" in message and "id" in message:
                self._asked[message["id"]] = message["method"]
            self.note("editor", message)
            self._send(message)
        self._to_server.close()

    def from_server(self, server: BinaryIO, editor: BinaryIO) -> None:
        """Until the server ends."""
        while (message := _read(server)) is not None:
            if "method" not in message and str(message.get("id")).startswith(OURS):
                self.note("status", message["result"])
                continue
            method = "" if "method" in message else self._asked.pop(message.get("id", ""), "")
            self.note("server", message | ({"answers": method} if method else {}))
            if method == "textDocument/inlineCompletion":
                number = f"{OURS}{next(self._numbers)}"
                self._send({"jsonrpc": "2.0", "id": number, "method": "phi-lsp/status", "params": {}})
            editor.write(_framed(message))
            editor.flush()

    def _send(self, message: Message) -> None:
        with self._lock:
            self._to_server.write(_framed(message))
            self._to_server.flush()

    def note(self, source: str, message: Message) -> None:
        """Write a line of the transcript."""
        with self._lock:
            self._file.write(json.dumps({"from": source, "at": time.time(), **message}) + "\n")
            self._file.flush()


def _read(stream: BinaryIO) -> Message | None:
    length = 0
    while line := stream.readline().strip():
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    body = stream.read(length) if length else b""
    return json.loads(body) if body else None


def _framed(message: Message) -> bytes:
    body = json.dumps(message, ensure_ascii=False).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


if __name__ == "__main__":
    sys.exit(main())
