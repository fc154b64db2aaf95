"""Rewriting with the instruction "fix the bug": how many wrong programs it mends, and how many right ones it spoils.

``python -m tests.benchmarks.rewrite --model default --data DIR --json FILE``

The programs come in pairs, one with a bug and one without. A program is right when it runs with its tests and exits
with 0. Beside it stands the same model, asked plainly for the corrected program, with the code of its answer put in
place. Every answer is kept as soon as it is known: run the same line again to go on. A server that answers several
requests side by side is asked faster: ``--ways direct --ask http://127.0.0.1:8080/v1 --at-once 8``.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from lsp_server.cli.driver import Editor, editor
from lsp_server.core.context import Function
from lsp_server.core.document import Document
from lsp_server.core.functions import functions_in
from lsp_server.engines.base import AsyncEngine
from lsp_server.engines.process import EngineProcess, Patience
from lsp_server.engines.remote import RemoteEngine
from lsp_server.engines.specs import LlamaSpec, RemoteSpec
from lsp_server.models import registry, store
from lsp_server.models.rows import Model
from lsp_server.pipelines.ask import Question, ask
from lsp_server.pipelines.opinions import Checks
from lsp_server.pipelines.request import Options
from lsp_server.pipelines.rewrite import RewriteRequest, rewrite
from lsp_server.trial.compiler import refused_lines
from lsp_server.trial.evaluation import tried, tried_each
from tests.benchmarks.arguments import command_line
from tests.benchmarks.datasets import BUGS, EXTENSIONS, Bug
from tests.benchmarks.execution import passes
from tests.benchmarks.quality import ready

INSTRUCTION = "fix the bug"
WAYS = ("server", "pipeline", "direct")
_MAX_TOKENS = 1024
_PATIENCE = Patience(silence=600)
_CHECKS = Checks(partial(tried, seconds=60), partial(refused_lines, seconds=60), partial(tried_each, seconds=120))
"""What is measured is what comes of it: a machine that is busy with other things shall not decide that."""


@dataclass(frozen=True)
class Result:
    """What one way made of one program; ``note`` is its summary or its reason."""

    text: str
    right: bool
    changed: bool
    seconds: float
    note: str = ""


Way = Callable[[Bug, str], Awaitable[tuple[str, str]]]
"""From a pair and one of its programs to the program that comes of it, with a note."""


def through_pipeline(model: Model, engine: EngineProcess) -> Way:
    """The function written anew by us."""

    async def way(bug: Bug, program: str) -> tuple[str, str]:
        document = Document(f"file:///program.{EXTENSIONS[bug.language]}", bug.language, program)
        request = RewriteRequest(document, function_of(bug, document), model, INSTRUCTION, Options(_MAX_TOKENS))
        change = await rewrite(request, engine, _CHECKS)
        return (change.fix.applied(program) if change.fix else program), change.summary or change.reason

    return way


def through_server(client: Editor) -> Way:
    """The same by the command of the language server."""
    numbers = count()

    async def way(bug: Bug, program: str) -> tuple[str, str]:
        name = f"file:///program{next(numbers)}.{EXTENSIONS[bug.language]}"
        document = client.open(name, bug.language, program)
        fix = await client.commanded("rewrite", document, function_of(bug, document).signature.start, INSTRUCTION)
        client.close(document)
        return fix.applied(program), fix.title

    return way


def function_of(bug: Bug, document: Document) -> Function:
    """The function that is tested."""
    return [one for one in functions_in(document) if one.name == bug.function][-1]


def asked_directly(model: Model, engine: AsyncEngine) -> Way:
    """The code of the model's plain answer; the program as it was where it has none."""

    async def way(bug: Bug, program: str) -> tuple[str, str]:
        text = f"Fix bugs in `{bug.function}`.\n```{bug.language}\n{program.rstrip()}\n```"
        reply = await ask(Question(text, model, max_tokens=_MAX_TOKENS, code_only=True), engine)
        return (reply.text if is_code(bug.language, reply.text) else program), reply.rule

    return way


def is_code(language: str, text: str) -> bool:
    """Whether there is code in an answer that should be nothing else: a model may say that all is right as it is."""
    if language != "python":
        return "{" in text
    try:
        return bool(ast.parse(text).body)
    except SyntaxError:
        return False


async def result(way: Way, bug: Bug, program: str) -> Result:
    """One way's answer to one program, judged by its tests."""
    began = time.perf_counter()
    text, note = await way(bug, program)
    seconds = time.perf_counter() - began
    right = await asyncio.to_thread(passes, bug.language, f"{text}\n{bug.test}\n")
    return Result(text, right, text != program, seconds, note)


Row = dict[str, Any]
"""``id`` of a pair, and by the name of a way what it made of ``buggy`` and ``clean``."""


async def run(options: argparse.Namespace) -> list[Row]:
    """All pairs, each way in turn; those of an earlier run included."""
    model = registry.find(options.model)
    rows: dict[str, Row] = {row["id"]: row for row in kept(options.json)}
    began = time.perf_counter()
    free = asyncio.Semaphore(options.at_once)

    async def do(way: Way, bug: Bug, made: dict[str, Any], kind: str, text: str) -> None:
        async with free:
            if options.seconds and time.perf_counter() - began > options.seconds:
                return
            made[kind] = asdict(await result(way, bug, text))
        if options.json:
            options.json.write_text(json.dumps([*rows.values()], indent=1))
        print(table(options.model, complete(rows)).splitlines()[-1], end="\r", file=sys.stderr, flush=True)

    async with opened(model, options) as ways:
        jobs = [
            do(way, bug, made, kind, text)
            for bug in list(BUGS[options.pairs](options.data))[options.offset :: options.every]
            for name, way in ways.items()
            for made in [rows.setdefault(bug.identifier, {"id": bug.identifier}).setdefault(name, {})]
            for kind, text in missing(made, bug, options.kind).items()
        ]
        await asyncio.gather(*jobs)
    return complete(rows)


def kept(path: Path | None) -> list[Row]:
    """What an earlier run made."""
    rows: list[Row] = json.loads(path.read_text()) if path and path.exists() else []
    return rows


def missing(made: dict[str, Any], bug: Bug, kind: str | None) -> dict[str, str]:
    """The programs of a pair that a way has not answered yet; of one ``kind`` alone, if there is one."""
    programs = {"buggy": bug.buggy, "clean": bug.clean}
    return {name: text for name, text in programs.items() if kind in (None, name) and name not in made}


def complete(rows: dict[str, Row]) -> list[Row]:
    """Those that some way has answered."""
    return [row for row in rows.values() if any(row.get(way) for way in WAYS)]


@asynccontextmanager
async def opened(model: Model, options: argparse.Namespace) -> AsyncIterator[dict[str, Way]]:
    """The ways that are compared: ours through the server or without one, and the model asked plainly."""
    async with AsyncExitStack() as stack:
        engine = EngineProcess(LlamaSpec(str(store.require(model)), threads=options.threads or None), _PATIENCE)
        stack.push_async_callback(engine.close)
        asked: AsyncEngine = engine
        if options.ask:
            asked = RemoteEngine(RemoteSpec(options.ask, silence_seconds=600))
            stack.push_async_callback(asked.close)
        ways: dict[str, Way] = {}
        if "server" in options.ways:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            settings = {"model": options.model, "threads": options.threads}
            client = await stack.enter_async_context(editor(settings, folder))
            await ready(client)
            ways["server"] = through_server(client)
        if "pipeline" in options.ways:
            ways["pipeline"] = through_pipeline(model, engine)
        if "direct" in options.ways:
            ways["direct"] = asked_directly(model, asked)
        yield ways


def table(model: str, rows: list[Row]) -> str:
    """The result as Markdown."""
    lines = [
        f"### {INSTRUCTION}, {model}, {len(rows)} pairs\n",
        "| way | wrong ones mended | right ones still right | right ones changed | seconds, wrong | seconds, right |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_line(way, rows) for way in WAYS if any(row.get(way) for row in rows)]
    return "\n".join(lines)


def _line(way: str, rows: list[Row]) -> str:
    results = {kind: [row[way][kind] for row in rows if kind in row.get(way, {})] for kind in ("buggy", "clean")}
    cells = [way, *(_share(found, "right") for found in results.values()), _share(results["clean"], "changed")]
    cells += [
        f"{sum(one['seconds'] for one in found) / len(found):.1f}" if found else "-" for found in results.values()
    ]
    return "| " + " | ".join(cells) + " |"


def _share(found: list[dict[str, Any]], key: str) -> str:
    count = sum(one[key] for one in found)
    return f"{count} of {len(found)} ({100 * count / len(found):.1f} %)" if found else "-"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    common = ("model", "data", "every", "offset", "threads", "json")
    arguments = command_line("tests.benchmarks.rewrite", __doc__, *common)
    arguments.add_argument("--pairs", choices=BUGS, default="humanevalfix", help="which programs")
    arguments.add_argument("--seconds", type=float, default=0, help="begin no further pair after that, 0: all")
    arguments.add_argument("--ways", nargs="+", choices=WAYS, default=["server", "direct"], help="what is compared")
    arguments.add_argument("--ask", help="URL of a server of the OpenAI completions API that is asked directly instead")
    arguments.add_argument("--at-once", type=int, default=1, help="programs in work at the same time")
    arguments.add_argument("--kind", choices=("buggy", "clean"), help="one program of each pair alone")
    return arguments


def main() -> None:
    """Run and print the table."""
    options = parser().parse_args()
    rows = asyncio.run(run(options))
    print(file=sys.stderr, flush=True)  # ends the line of progress
    print(table(options.model, rows))


if __name__ == "__main__":
    main()
