"""Replay of real typing: ``python -m tests.benchmarks.typing [--sessions N] [--ways …] [--json FILE] [--svg FILE]``.

Hands type functions key by key, with human intervals, pauses and slips, into the files they belong to; they accept what
is suggested when it is right. The same functions, keys and intervals go through each way in turn:

- ``ours``: the language server over stdio, asked as an editor asks;
- ``llama-server``: llama.cpp's own HTTP server, asked as llama.vim asks, with its caches and its requests ahead;
- ``plain``: llama-cpp-python, sent the whole prompt at every key.

All have the same model file, threads and tokens of context, and each is started anew for a session. The clock is real;
``--speed`` makes the hands faster, not the machine. With ``--json`` an earlier run goes on where it was cut.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lsp_server import __version__
from lsp_server.engines.cores import usable_cores
from lsp_server.models import registry, store
from tests.benchmarks.arguments import command_line
from tests.benchmarks.typing import cost
from tests.benchmarks.typing.editor_client import EDITORS
from tests.benchmarks.typing.material import Task, tasks
from tests.benchmarks.typing.native_server import BINDING
from tests.benchmarks.typing.others import busy
from tests.benchmarks.typing.records import Session
from tests.benchmarks.typing.replay import Replay, session_of
from tests.benchmarks.typing.report import picture, table
from tests.benchmarks.typing.scoring import figures
from tests.benchmarks.typing.ways import WAYS, Bench, server_kind


async def run(bench: Bench, options: argparse.Namespace) -> list[Session]:
    """Every function through every way, those of an earlier run left out; the ways take turns in being first."""
    found = kept(options.json, about(bench, options))
    done = {(session.way, session.digest) for session in found}
    began = time.perf_counter()
    chosen = tasks(options.seed, options.sessions)
    for number, task in enumerate(chosen):
        for way in rotated(options.ways, number):
            late = options.seconds and time.perf_counter() - began > options.seconds
            if (way, task.digest) not in done and not late:
                found.append(await one(way, task, bench, options))
                print(told(found[-1]), file=sys.stderr, flush=True)
                keep(options.json, about(bench, options), found)
    return comparable(found, {task.digest for task in chosen}, options.ways)


def comparable(sessions: Sequence[Session], digests: set[str], ways: Sequence[str]) -> list[Session]:
    """Those of these functions that went through each of these ways, so that all have typed the same."""
    done = {(session.way, session.digest) for session in sessions}
    whole = {digest for digest in digests if all((way, digest) in done for way in ways)}
    return [session for session in sessions if session.digest in whole and session.way in ways]


def rotated(ways: Sequence[str], number: int) -> list[str]:
    """Another way first each time."""
    first = number % len(ways)
    return [*ways[first:], *ways[:first]]


async def one(way: str, task: Task, bench: Bench, options: argparse.Namespace) -> Session:
    """One function one way."""
    session = session_of(way, task)
    async with WAYS[way](bench) as (client, process):
        before = cost.processor_seconds(process)
        await Replay(task, client, options.seed, options.speed).run(session)
        session.processor = cost.processor_seconds(process) - before
        session.memory = cost.memory(process)
    return session


def told(session: Session) -> str:
    """One line for people."""
    shown = sum(pause.shown is not None for pause in session.pauses)
    return (
        f"{session.way:13}{session.task:44}{session.seconds:6.1f} s, shown in {shown} of {len(session.pauses)} pauses, "
        f"{session.saved} of {session.keys} keys saved, {session.processor:.1f} processor seconds"
    )


def about(bench: Bench, options: argparse.Namespace) -> dict[str, Any]:
    """What two runs must have in common for their sessions to be counted together."""
    return {
        "model": bench.path.name,
        "threads": bench.threads,
        "context": bench.context,
        "editor": bench.editor,
        "speed": options.speed,
        "busy": options.busy,
        "seed": options.seed,
        "llama-server": server_kind(),
        "versions": {"phi-lsp": __version__, BINDING: version(BINDING)},
    }


def kept(path: Path | None, wanted: dict[str, Any]) -> list[Session]:
    """The sessions of an earlier run with the same options."""
    if path is None or not path.exists():
        return []
    document = json.loads(path.read_text(encoding="utf-8"))
    if document["about"] != wanted:
        raise SystemExit(f"{path} holds a run with other options ({document['about']}): name another file")
    return [Session.of(row) for row in document["sessions"]]


def keep(path: Path | None, described: dict[str, Any], sessions: Sequence[Session]) -> None:
    """Write everything down."""
    if path is None:
        return
    machine = {"processor": platform.machine(), "cores": os.cpu_count(), "load": os.getloadavg()}
    ways = {way: asdict(figures(rows)) for way, rows in by_way(sessions).items()}
    rows = [session.plain() for session in sessions]
    document = {"about": described, "machine": machine, "figures": ways, "sessions": rows}
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def by_way(sessions: Sequence[Session]) -> dict[str, list[Session]]:
    """In the order in which the ways are named."""
    return {way: rows for way in WAYS if (rows := [one for one in sessions if one.way == way])}


def parser() -> argparse.ArgumentParser:
    """The command line."""
    arguments = command_line("tests.benchmarks.typing", __doc__, "model", "threads", "json")
    arguments.add_argument("--sessions", type=int, default=12, help="how many functions are typed")
    arguments.add_argument("--seed", type=int, default=1, help="which functions, names, intervals and slips")
    arguments.add_argument("--speed", type=float, default=1.0, help="how much faster than people the hands are")
    arguments.add_argument("--busy", type=int, default=0, help="how many cores other processes keep busy")
    arguments.add_argument("--ways", nargs="+", choices=WAYS, default=[*WAYS], help="what is compared")
    arguments.add_argument(
        "--editor", choices=EDITORS, default="vscode", help="whose habits the editor has: when it asks the server"
    )
    arguments.add_argument("--context", type=int, default=4096, help="tokens that may be kept evaluated")
    arguments.add_argument("--seconds", type=float, default=0, help="begin no further session after that, 0: all")
    arguments.add_argument("--svg", type=Path, help="draw how soon suggestions come")
    return arguments


def main() -> None:
    """Run, and print the table."""
    options = parser().parse_args()
    model = registry.find(options.model)
    threads = options.threads or usable_cores()
    bench = Bench(model, store.require(model), threads, options.context, options.editor, options.seed)
    with busy(options.busy):
        sessions = by_way(asyncio.run(run(bench, options)))
    if not sessions:
        raise SystemExit("no function went through every way yet: run the same command again, it goes on")
    print(table(sessions))
    others = f", {options.busy} of {os.cpu_count()} cores kept busy" if options.busy else ""
    print(f"\n{bench.path.name}, {threads} threads{others}, seed {options.seed}; llama.cpp's server: {server_kind()}")
    if options.svg:
        options.svg.write_text(picture(sessions), encoding="utf-8")
