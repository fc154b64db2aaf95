"""One server for a long time: ``python -m tests.benchmarks.typing.endurance [--minutes N] [--speed N] [--json FILE]``.

Functions are typed into it one after the other, each in a document of its own that stays open for a while; in between
commands are run on what was typed, some cancelled midway. It tells how the memory of the server and of its engine
grows, whether every request got just one answer, whether the engine crashed, what the log has of exceptions, and which
processes are left when the server has ended.

Ends with 1 where memory grows by more than 5 %, a request has no answer or more than one, the engine crashed, or a
process is left.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from lsp_server.cli.driver import Editor, editor
from tests.benchmarks.arguments import command_line
from tests.benchmarks.quality import ready
from tests.benchmarks.typing import cost
from tests.benchmarks.typing.background import Background
from tests.benchmarks.typing.editor_client import EDITORS, EditorClient
from tests.benchmarks.typing.growth import Growth, Sample, growth
from tests.benchmarks.typing.ledger import CANCELLED, ERROR, RESULT, Ledger
from tests.benchmarks.typing.material import Task, tasks
from tests.benchmarks.typing.replay import Replay, session_of

SERVER, ENGINE = "lsp_server", "lsp_server.engines.host"
"""The programs whose memory is watched."""

MEASURES = {"rss": "resident", "own": "of that its own", "uss": "nobody else's", "pss": "with a part of what is shared"}
_JUDGED = ("rss", "own")
"""The others change with what other processes on the machine do with the same files."""

MOST_GROWTH = 0.05

_ROUND = 24
"""Functions that are taken by one seed."""
_OPEN = 4
"""Documents that stay open behind the one that is typed in."""
_COMMANDED = 3
"""After so many functions there is a command."""
COMMANDS = (("review", False), ("rewrite", True), ("docstring", False), ("review", True), ("rewrite", False))
"""In their turn, and whether they are cancelled; an odd number, so that each gets functions of both languages."""
_LANGUAGES = 2
"""So many functions come first, one of each; on these every command is run, because much is loaded when first used."""
_CANCELLED_SECONDS = (0.2, 4.0)
_PATIENCE_SECONDS = 600.0
"""For a command that is not cancelled; then it is after all."""
_GRACE_SECONDS = 30.0
"""For what was cancelled or asked last to be answered."""
_ENDING_SECONDS = 5.0
_TRACEBACK = "Traceback (most recent call last)"


class LastingClient(EditorClient):
    """Leaves its document open when the hands are done, and runs commands in it."""

    async def close(self) -> None:
        """Nothing goes on; the document stays open."""
        await self._background.close()

    def leave(self) -> None:
        """Close the document."""
        self._editor.close(self._told)

    async def command(self, name: str, offset: int, patience: float) -> str:
        """Ask for what stands at ``offset``, and take that back after so many seconds; what the answer is."""
        line = self._told.line_at(offset)
        wish = {"uri": self._told.uri, "position": {"line": line, "character": offset - self._told.line_starts[line]}}
        asked, number = types.ExecuteCommandParams(f"phi-lsp.{name}", [wish]), str(uuid4())
        reply = self._protocol.send_request_async(types.WORKSPACE_EXECUTE_COMMAND, asked, number)
        await asyncio.wait([reply], timeout=patience)
        if not reply.done():
            self._protocol.notify(types.CANCEL_REQUEST, types.CancelParams(number))
        try:
            await asyncio.wait_for(asyncio.shield(reply), _GRACE_SECONDS)
        except TimeoutError:
            return "nothing"
        except JsonRpcException as error:
            return CANCELLED if error.code == types.LSPErrorCodes.RequestCancelled else ERROR
        return RESULT


class Family:
    """A process and all that were ever seen below it."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._seen: set[psutil.Process] = set()

    async def watch(self) -> None:
        """Look again and again, for those that do not live long."""
        while True:
            self._seen.update(cost.tree(self._root))
            await asyncio.sleep(1)

    @property
    def seen(self) -> int:
        """How many there were."""
        return len(self._seen)

    async def left(self, seconds: float) -> list[int]:
        """Those that still live after so many seconds, or none as soon as that is so."""
        for _ in range(round(seconds / 0.1)):
            if not any(map(_lives, self._seen)):
                break
            await asyncio.sleep(0.1)
        return sorted(process.pid for process in self._seen if _lives(process))


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@dataclass
class Run:
    """What is known of a run; times are seconds."""

    samples: list[Sample] = field(default_factory=list)
    engines: list[int | None] = field(default_factory=list)
    """The engine's process after each session."""
    failures: list[str] = field(default_factory=list)
    """Why sessions ended early."""
    commands: list[tuple[str, str, float]] = field(default_factory=list)
    """Which, what the answer was, and how long it took."""
    requests: dict[str, Any] = field(default_factory=dict)
    processes: int = 0
    orphans: list[int] = field(default_factory=list)
    log: str = ""

    @property
    def crashes(self) -> int:
        """How often there was another engine than before, or none."""
        return sum(one != other for one, other in zip(self.engines, self.engines[1:], strict=False))

    @property
    def exceptions(self) -> int:
        """In the log."""
        return self.log.count(_TRACEBACK)

    @property
    def growths(self) -> list[Growth]:
        """Of every program by every measure; none where there were too few sessions."""
        if not self.samples:
            return []
        found = (growth(self.samples, process, measure) for process in (SERVER, ENGINE) for measure in MEASURES)
        return [one for one in found if one is not None]

    @property
    def faults(self) -> list[str]:
        """What must not be."""
        grown = [one for one in self.growths if one.measure in _JUDGED and one.share > MOST_GROWTH]
        unanswered = sum(self.requests["unanswered"].values())
        told = {
            "too few sessions to compare memory: let it run longer": not self.growths,
            **{f"{one.process} grew by {one.share:.1%} ({MEASURES[one.measure]})": True for one in grown},
            "nothing was asked": not self.requests["requests"],
            f"{unanswered} requests were not answered": unanswered,
            f"{self.requests['superfluous']} answers too many": self.requests["superfluous"],
            f"the engine crashed {self.crashes} times": self.crashes,
            f"{len(self.orphans)} processes are left": self.orphans,
        }
        return [text for text, so in told.items() if so]

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        derived = {"crashes": self.crashes, "exceptions": self.exceptions, "faults": self.faults}
        return {**asdict(self), **derived, "growths": [{**asdict(one), "share": one.share} for one in self.growths]}


class Endurance:
    """Sessions in one server, until the time is over."""

    def __init__(self, server: Editor, options: argparse.Namespace, run: Run, ledger: Ledger) -> None:
        self._server, self._options, self._run, self._ledger = server, options, run, ledger
        self._chance = random.Random(options.seed)
        self._open: deque[tuple[Task, LastingClient]] = deque()
        self._commands = cycle(COMMANDS)
        self.process = LastingClient(server, EDITORS[options.editor]).process

    async def last(self) -> None:
        """Type until the time is over, the last function to its end."""
        began = time.perf_counter()
        async for task, seed in functions(self._options.seed):
            if time.perf_counter() - began > 60 * self._options.minutes:
                break
            if task not in (known for known, _ in self._open):
                await self._session(task, seed)
                await self._look(time.perf_counter() - began)
        for _, client in self._open:
            client.leave()
        await self._ledger.settled(_GRACE_SECONDS)

    async def _session(self, task: Task, seed: int) -> None:
        client, session = LastingClient(self._server, EDITORS[self._options.editor]), session_of("ours", task)
        self._open.append((task, client))
        try:
            await Replay(task, client, seed, self._options.speed).run(session)
        except RuntimeError as failure:
            self._run.failures.append(f"{task.identifier}: {failure}")
        number = len(self._run.samples) + 1
        shown = sum(pause.shown is not None for pause in session.pauses)
        pauses = f"shown in {shown} of {len(session.pauses)} pauses"
        say(f"{number:4} {task.identifier:44} {session.seconds:6.1f} s, {pauses}")
        for command in COMMANDS if number <= _LANGUAGES else islice(self._commands, int(number % _COMMANDED == 0)):
            await self._command(*command, task, client)
        if len(self._open) > _OPEN:
            self._open.popleft()[1].leave()

    async def _command(self, name: str, cancelled: bool, task: Task, client: LastingClient) -> None:
        began = time.perf_counter()
        patience = self._chance.uniform(*_CANCELLED_SECONDS) if cancelled else _PATIENCE_SECONDS
        answer = await client.command(name, len(task.before) + len(task.typed) // 2, patience)
        self._run.commands.append((name, answer, time.perf_counter() - began))
        say(f"     {name}: {answer} after {time.perf_counter() - began:.1f} s")

    async def _look(self, at: float) -> None:
        async with asyncio.timeout(_GRACE_SECONDS):
            status = await self._server.status()
        self._run.engines.append(status["engine"]["processId"])
        self._run.samples.append(Sample(at, cost.memory(self.process)))
        self._run.requests = self._ledger.plain()
        keep(self._options, self._run)


def say(line: str) -> None:
    """How far it is, for people."""
    print(line, file=sys.stderr, flush=True)


async def functions(seed: int) -> AsyncIterator[tuple[Task, int]]:
    """Functions without end, each with the seed that it was taken by."""
    for number in count(seed):
        for task in await asyncio.to_thread(tasks, number, _ROUND):
            yield task, number


async def run(options: argparse.Namespace) -> Run:
    """Start the server, use it, end it, and see what is left."""
    found, ledger, log, background = Run(), Ledger(), bytearray(), Background()
    settings = {"model": options.model, "threads": options.threads, "offline": True}
    with tempfile.TemporaryDirectory() as folder:
        async with editor(settings, Path(folder)) as server:
            endurance = Endurance(server, options, found, ledger)
            family = Family(endurance.process)
            background.do(family.watch())
            background.do(_heard(server, log))
            await ready(server)
            ledger.follow(server._client.protocol)
            await endurance.last()
        found.orphans = await family.left(_ENDING_SECONDS)
    await background.close()
    found.requests, found.processes, found.log = ledger.plain(), family.seen, log.decode("utf-8", "replace")
    return found


async def _heard(server: Editor, log: bytearray) -> None:
    """Keep what the server writes to its standard error."""
    process = server._client._server
    assert process is not None
    assert process.stderr is not None
    while read := await process.stderr.read(1 << 16):
        log += read


def keep(options: argparse.Namespace, found: Run) -> None:
    """Write everything down."""
    if options.json:
        about = {name: getattr(options, name) for name in ("model", "threads", "minutes", "speed", "seed", "editor")}
        document = {"about": about, **found.plain()}
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def table(found: Run) -> str:
    """For people, in Markdown."""
    lines = ["| MB | after the warm-up | at the end | growth, % |", "|---|---:|---:|---:|"]
    for one in found.growths:
        cells = f"{one.before / 1e6:.1f} | {one.after / 1e6:.1f} | {100 * one.share:.1f}"
        lines.append(f"| {one.process}, {MEASURES[one.measure]} | {cells} |")
    asked, outcomes = found.requests, found.requests["outcomes"]
    counts = {
        "sessions": len(found.samples),
        "sessions that failed": len(found.failures),
        "commands": len(found.commands),
        "of these cancelled": sum(answer == CANCELLED for _, answer, _ in found.commands),
        "requests": asked["requests"],
        "answered with a result": outcomes.get(RESULT, 0),
        "answered as cancelled": outcomes.get(CANCELLED, 0),
        "answered with another error": outcomes.get(ERROR, 0),
        "not answered": sum(asked["unanswered"].values()),
        "answers too many": asked["superfluous"],
        "crashes of the engine": found.crashes,
        "processes seen": found.processes,
        "processes left": len(found.orphans),
        "exceptions in the log": found.exceptions,
    }
    return "\n".join([*lines, "", "| | |", "|---|---:|", *(f"| {name} | {value} |" for name, value in counts.items())])


def parser() -> argparse.ArgumentParser:
    """The command line."""
    arguments = command_line("tests.benchmarks.typing.endurance", __doc__, "model", "threads", "json")
    arguments.add_argument("--minutes", type=float, default=60, help="begin no further function after that")
    arguments.add_argument("--speed", type=float, default=1.0, help="how much faster than people the hands are")
    arguments.add_argument("--seed", type=int, default=1, help="which functions, names, intervals and slips come first")
    arguments.add_argument("--editor", choices=EDITORS, default="vscode", help="how soon the editor asks the server")
    return arguments


def main() -> None:
    """Run, print the table, and say what must not be."""
    options = parser().parse_args()
    found = asyncio.run(run(options))
    keep(options, found)
    print(table(found))
    if found.faults:
        raise SystemExit("\n" + "\n".join(found.faults))


if __name__ == "__main__":
    main()
