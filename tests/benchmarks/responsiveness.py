"""How soon the server answers: ``python -m tests.benchmarks.responsiveness [--model NAME] [--json FILE]``.

Three questions, each asked as an editor would, of the real server process:

- how long from starting the process to the answer to ``initialize``, with no model on the machine;
- how long other requests take while a long generation runs;
- how long after ``$/cancelRequest`` the engine is idle again, in the middle of prompts, of answers and of commands, and
  how long after anything else is wanted what was computed ahead is dropped.

The processor's own seconds stand beside the first, because the clock also shows what else the machine does.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil

from tests.benchmarks.arguments import command_line
from tests.benchmarks.cancels import LONG, SOURCE, ahead_ends, cancels, command_cancels
from tests.benchmarks.latencies import Milliseconds, all_figures, show
from tests.server.client import Client
from tests.server.conftest import inline

BARS = {"initialize": 500.0, "while it generates": 20.0, "idle after cancel": 30.0, "ahead": 30.0}
"""The 95th percentile that each kind of figure must keep, in milliseconds."""

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


def main() -> None:
    """The command."""
    wish = command_line("tests.benchmarks.responsiveness", __doc__, "model", "scale", "json").parse_args()
    start_times, rounds, cancel_times = (max(1, math.ceil(n * wish.scale)) for n in (_STARTS, _ROUNDS, _CANCELS))
    measured = {"initialize": starts(start_times)}
    with serving(wish.model) as client:
        measured["while it generates"] = while_it_generates(client, rounds)
    with serving(wish.model) as client:
        measured["idle after cancel"] = cancels(client, cancel_times) | command_cancels(client, cancel_times)
        measured["ahead"] = ahead_ends(client, cancel_times)
    results = all_figures(measured)
    show("Responsiveness", results, BARS)
    if wish.json:
        wish.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
