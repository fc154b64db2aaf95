"""How soon the server answers: ``python -m tests.benchmarks.responsiveness [--model NAME] [--json FILE]``.

Three questions, each asked as an editor would, of the real server process:

- how long from starting the process to the answer to ``initialize``, with no model on the machine;
- how long other requests take while a long generation runs;
- how long after ``$/cancelRequest`` the engine is idle again, in the middle of prompts, of answers and of commands.

The processor's own seconds stand beside the first, because the clock also shows what else the machine does.
"""

from __future__ import annotations

import argparse
import ast
import json
import math
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.benchmarks.latencies import Milliseconds, all_figures, show
from tests.server.client import Client
from tests.server.conftest import inline

BARS = {"initialize": 500.0, "while it generates": 20.0, "idle after cancel": 50.0}
"""The 95th percentile that each kind of figure must keep, in milliseconds."""

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

_STARTS = 20
_ROUNDS = 150
_CANCELS = 60


def starts(times: int) -> dict[str, Milliseconds]:
    """From the start of the process to the answer, with an empty model folder."""
    clock, processor = [], []
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "PHI_LSP_HOME": home}
        for _ in range(times):
            began = time.perf_counter()
            with Client(environment=environment, answers={"window/showMessageRequest": lambda _: None}) as client:
                client.call("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
                clock.append(1000 * (time.perf_counter() - began))
                processor.append(1000 * sum(psutil.Process(client.process.pid).cpu_times()[:2]))
    return {"initialize, from the start of the process": clock, "of which processor time": processor}


@contextmanager
def serving(model: str) -> Iterator[Client]:
    """A server whose model is open."""
    with Client() as client:
        client.initialize(options={"model": model, "maxTokens": 4096, "contextTokens": 4096, "deadlineSeconds": 600})
        client.when(lambda status: status["engine"]["state"] == "ready")
        yield client


class Probes:
    """The other requests, each giving the milliseconds of one, and the long generation that runs meanwhile."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._numbers = iter(range(2, 1_000_000))
        client.open("file:///big.py", SOURCE)

    @property
    def busy(self) -> bool:
        """Whether the engine computes."""
        return bool(self._client.status()["engine"]["state"] == "busy")

    def begin(self) -> None:
        """Ask for a completion at the end of a large file; it takes the place of the one before."""
        text = f"# {next(self._numbers)}\n{SOURCE}\n{LONG}"
        self._client.open("file:///long.py", text)
        self._client.request("textDocument/inlineCompletion", inline(text, uri="file:///long.py"))

    def asked(self, method: str, params: object = None) -> float:
        """The milliseconds of one request."""
        return 1000 * self._client.latency(self._client.request(method, params))

    def hover(self) -> float:
        """A request that is not served."""
        place = {"textDocument": {"uri": "file:///big.py"}, "position": {"line": 3, "character": 0}}
        return self.asked("textDocument/hover", place)

    def typed(self) -> float:
        """An edit in a large file, and a request behind it."""
        began = time.perf_counter()
        here = {"line": 700, "character": 0}
        document = {"uri": "file:///big.py", "version": next(self._numbers)}
        change = {"range": {"start": here, "end": here}, "text": "x"}
        self._client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        self._client.status()
        return 1000 * (time.perf_counter() - began)

    def at_the_start(self) -> float:
        """A request right behind one for a completion: the file is parsed meanwhile."""
        self.begin()
        return self.asked("phi-lsp/status")


PROBES: dict[str, Callable[[Probes], float]] = {
    "hover (an error)": Probes.hover,
    "completionItem/resolve (an error)": lambda probes: probes.asked("completionItem/resolve", {"label": "x"}),
    "phi-lsp/status": lambda probes: probes.asked("phi-lsp/status"),
    "didChange in 1,400 lines, then status": Probes.typed,
    "status, right behind a new completion": Probes.at_the_start,
}


def while_it_generates(client: Client, times: int) -> dict[str, Milliseconds]:
    """Every probe in turn, counted only when the engine was busy right after it."""
    found: dict[str, Milliseconds] = {name: [] for name in PROBES}
    probes = Probes(client)
    while min(map(len, found.values())) < times:
        for name, probe in PROBES.items():
            if not probes.busy:
                probes.begin()
                time.sleep(0.05)
            elapsed = probe(probes)
            time.sleep(0.02)
            if probes.busy:
                found[name].append(elapsed)
    return found


def cancels(client: Client, times: int) -> dict[str, Milliseconds]:
    """From sending the cancel to the first status that shows an idle engine; and what the server measured itself."""
    chance = random.Random(0)
    found: dict[str, Milliseconds] = {"prompt": [], "answer": []}
    inside: Milliseconds = []
    while min(map(len, found.values())) < times / 2:
        kind = "prompt" if len(found["prompt"]) <= len(found["answer"]) else "answer"
        long = SOURCE[chance.randrange(20_000) :][:8000] if kind == "prompt" else ""
        text = f"# {chance.random()}\n{long}\n{LONG}"
        uri = f"file:///{chance.random()}.py"
        client.open(uri, text)
        asked = client.request("textDocument/inlineCompletion", inline(text, uri=uri))
        time.sleep(chance.uniform(0.05, 0.8) if kind == "prompt" else chance.uniform(0.5, 1.5))
        if client.status()["engine"]["state"] != "busy":
            client.reply(asked)
            continue
        began = time.perf_counter()
        client.cancel(asked)
        while (status := client.status())["engine"]["state"] == "busy":
            # Asking without a pause would take the processor from the engine that is to stop.
            time.sleep(0.001)
        found[kind].append(1000 * (time.perf_counter() - began))
        inside.append(1000 * status["secondsToStop"])
        client.reply(asked)
        client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    return {
        "in the middle of a prompt": found["prompt"],
        "in the middle of an answer": found["answer"],
        "as the server measured it": inside,
    }


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


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="default", help="name or path, as in the settings")
    parser.add_argument("--scale", type=float, default=1.0, help="that part of the repetitions")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    wish = parser.parse_args()
    start_times, rounds, cancel_times = (max(1, math.ceil(n * wish.scale)) for n in (_STARTS, _ROUNDS, _CANCELS))
    measured = {"initialize": starts(start_times)}
    with serving(wish.model) as client:
        measured["while it generates"] = while_it_generates(client, rounds)
    with serving(wish.model) as client:
        measured["idle after cancel"] = cancels(client, cancel_times) | command_cancels(client, cancel_times)
    results = all_figures(measured)
    show("Responsiveness", results, BARS)
    if wish.json:
        wish.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
