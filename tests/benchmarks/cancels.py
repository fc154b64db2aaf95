"""How soon the engine stops: after a cancel, and where what it computes ahead is no longer wanted. Milliseconds."""

from __future__ import annotations

import ast
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.latencies import Milliseconds
from tests.server.client import Client, Json
from tests.server.conftest import inline, position

LONG = 'NAMES = {\n    0: "zero",\n    1: "one",\n    2: "two",\n    3: '
"""The model goes on with this for as long as it may."""

SOURCE = Path(statistics.__file__).read_text(encoding="utf-8")
"""Real code: about 1,400 lines."""


def undocumented(source: str) -> str:
    """The code without its docstrings and comments."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) and len(node.body) > 1:
            del node.body[0]
    return ast.unparse(tree)


COMMANDS = {
    "review": (SOURCE, "def "),
    "rewrite": (SOURCE, "def "),
    "docstring": (undocumented(SOURCE), "def "),
    "generate": (f"{SOURCE}\n\n# Write a function that returns the median of numbers in a file.\n", "# Write"),
    "complete": (f'{SOURCE}\n\ndef correlations(columns):\n    """Of every two columns."""\n    ...\n', "def corr"),
}
"""Commands that take long, each with a text and how the lines begin at which it is asked for."""

SHORT = "\n\ndef area(width: float, height: float) -> float:\n    return width"
"""The model ends this line, and there is a next one to be found out ahead."""

_POLL_SECONDS = 0.001
"""Asking without a pause would take the processor from the engine that is to stop."""

_UNDER_WAY_SECONDS = 1.0
"""After that, work ahead has begun if it ever does."""

_BY_KEY, _AUTOMATIC = 1, 2
INLINE = "textDocument/inlineCompletion"


def _busy(client: Client) -> bool:
    return bool(client.status()["engine"]["state"] == "busy")


def _idle(client: Client, began: float) -> float:
    """From then until a status shows an idle engine."""
    while _busy(client):
        time.sleep(_POLL_SECONDS)
    return 1000 * (time.perf_counter() - began)


class _Papers:
    """New documents, no two alike."""

    def __init__(self, client: Client, seed: int) -> None:
        self._client = client
        self._open: list[str] = []
        self.chance = random.Random(seed)

    def open(self, text: str) -> tuple[str, str]:
        """The URI and the text of one that ends so."""
        uri, text = f"file:///{self.chance.random()}.py", f"# {self.chance.random()}\n{text}"
        self._client.open(uri, text)
        self._open.append(uri)
        return uri, text

    def excerpt(self, length: int = 8000) -> str:
        """So many characters of real code, from anywhere."""
        return SOURCE[self.chance.randrange(20_000) :][:length]

    def type(self, uri: str, place: Json, text: str) -> None:
        """Put a text at a place of one."""
        change = {"range": {"start": place, "end": place}, "text": text}
        self._client.notify("textDocument/didChange", {"textDocument": {"uri": uri}, "contentChanges": [change]})

    def close(self, uri: str) -> None:
        """Close one."""
        self._open.remove(uri)
        self._client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def close_all(self) -> None:
        """Leave none open."""
        for uri in tuple(self._open):
            self.close(uri)


def cancels(client: Client, times: int) -> dict[str, Milliseconds]:
    """From sending the cancel to the first status that shows an idle engine; and what the server measured itself.

    Nothing is typed: for a request by key, and for one that an editor made by itself, which waits a moment for a key.
    """
    papers, inside = _Papers(client, 0), []
    found: dict[str, Milliseconds] = {}
    for kind, of in ((_BY_KEY, ""), (_AUTOMATIC, ", automatic")):
        for place, seconds in (("prompt", (0.05, 0.8)), ("answer", (0.5, 1.5) if kind == _BY_KEY else (0.1, 0.6))):
            measured: Milliseconds = []
            while len(measured) < times / 2:
                long = papers.excerpt() if place == "prompt" else ""
                elapsed = _cancelled(client, papers, f"{long}\n{LONG}", kind, papers.chance.uniform(*seconds))
                if elapsed is not None:
                    measured.append(elapsed)
                    inside.append(1000 * client.status()["secondsToStop"])
            found[f"in the middle of {'a prompt' if place == 'prompt' else 'an answer'}{of}"] = measured
    return {**found, "as the server measured it": inside}


def _cancelled(client: Client, papers: _Papers, text: str, kind: int, seconds: float) -> float | None:
    """Ask, and cancel after so many seconds; None where that was too late."""
    uri, text = papers.open(text)
    asked = client.request(INLINE, inline(text, uri=uri, kind=kind))
    time.sleep(seconds)
    elapsed = None
    if _busy(client) and not client.answered(asked):
        began = time.perf_counter()
        client.cancel(asked)
        elapsed = _idle(client, began)
    papers.close(uri)
    return elapsed if "error" in client.reply(asked).message else None


def ahead_ends(client: Client, times: int) -> dict[str, Milliseconds]:
    """From what makes work ahead pointless until the engine has dropped that work.

    The engine counts requests when they end, so that it shows when the next may begin.
    """
    found: dict[str, Milliseconds] = {}
    for name, (begin, seconds) in _AHEAD.items():
        for cause, end in _ENDS.items():
            papers, measured = _Papers(client, 10 + len(found)), []
            while len(measured) < times / 2:
                elapsed = _dropped(client, papers, begin, papers.chance.uniform(0.0, seconds), end)
                measured += [] if elapsed is None else [elapsed]
            found[f"{name}, {cause}"] = measured
    return found


def _suggested(client: Client, papers: _Papers) -> str:
    uri, text = papers.open(papers.excerpt(1000) + SHORT[:-1])
    papers.type(uri, position(text), SHORT[-1])
    text += SHORT[-1]
    client.call(INLINE, inline(text, uri=uri, kind=_AUTOMATIC))
    return uri


def _looked(client: Client, papers: _Papers) -> str:
    uri, text = papers.open(papers.excerpt() + SHORT)
    place = {"start": position(text), "end": position(text)}
    there = {"textDocument": {"uri": uri}, "range": place, "context": {"diagnostics": []}}
    client.call("textDocument/codeAction", there)
    return uri


_AHEAD = {"what follows a suggestion": (_suggested, 0.15), "where the cursor rests": (_looked, 0.8)}
"""What makes the engine work ahead, and within how many seconds of its beginning that work is ended."""


def _asked(client: Client, papers: _Papers, uri: str) -> None:
    """Somebody types elsewhere."""
    other, text = papers.open(papers.excerpt(1000) + SHORT)
    client.request(INLINE, inline(text, uri=other, kind=_AUTOMATIC))


def _changed(client: Client, papers: _Papers, uri: str) -> None:
    """Something is written at the document's beginning, and nobody asks."""
    papers.type(uri, {"line": 0, "character": 0}, "#")


_ENDS: dict[str, Callable[[Client, _Papers, str], None]] = {
    "then another request": _asked,
    "then another change": _changed,
    "then the document is closed": lambda client, papers, uri: papers.close(uri),
}


def _dropped(
    client: Client,
    papers: _Papers,
    begin: Callable[[Client, _Papers], str],
    seconds: float,
    end: Callable[[Client, _Papers, str], None],
) -> float | None:
    """None where the work ahead was not under way, or was over first."""
    uri = begin(client, papers)
    deadline = time.monotonic() + _UNDER_WAY_SECONDS
    while not _busy(client) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    time.sleep(seconds)
    status, elapsed = client.status(), None
    if status["engine"]["state"] == "busy":
        began = time.perf_counter()
        end(client, papers, uri)
        while _requests(client.status()) == _requests(status):
            time.sleep(_POLL_SECONDS)
        elapsed = 1000 * (time.perf_counter() - began)
    papers.close_all()
    _idle(client, 0.0)
    return elapsed


def _requests(status: Json) -> int:
    return int(status["engine"]["totals"].get("requests", 0))


def command_cancels(client: Client, times: int) -> dict[str, Milliseconds]:
    """The same for every command that takes long: to its answer, and to the engine being idle with nothing left."""
    chance = random.Random(1)
    found: dict[str, Milliseconds] = {}
    for name, (text, mark) in COMMANDS.items():
        answered, idle = [], []
        while len(idle) < times:
            uri = f"file:///{chance.random()}.py"
            client.open(uri, f"# {chance.random()}\n{text}")
            line = 1 + chance.choice([at for at, row in enumerate(text.split("\n")) if row.startswith(mark)])
            place = {"uri": uri, "position": {"line": line, "character": 4}}
            asked = client.request("workspace/executeCommand", {"command": f"phi-lsp.{name}", "arguments": [place]})
            time.sleep(chance.uniform(0.05, 1.5))
            computing = client.status()["engine"]["state"] == "busy"
            began = time.perf_counter()
            client.cancel(asked)
            replied = 1000 * (client.reply(asked).at - began)
            while (status := client.status())["engine"]["state"] == "busy" or status["works"]:
                time.sleep(0.001)
            if computing:
                answered.append(replied)
                idle.append(1000 * (time.perf_counter() - began))
            client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
            for method in ("textDocument/publishDiagnostics", "window/showMessage", "workspace/applyEdit"):
                client.taken_all(method)
        found |= {f"phi-lsp.{name}, answered": answered, f"phi-lsp.{name}, idle": idle}
    return found
