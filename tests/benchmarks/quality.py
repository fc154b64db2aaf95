"""Quality through the language server, as a client sees it, next to the same model run directly.

``python -m tests.benchmarks.quality --dataset single-line --model default --data DIR --json FILE``

Both ways answer every problem in turn; with ``--beside forgetful`` the second is the server's own pipeline with an
engine that remembers no prompt. A problem is solved when the program with the inserted text runs and exits
with 0. Of what the server shows, three more things are counted: completions that add a parse error, that hold a
special token or a fence, and that repeat the text after the cursor.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lsp_server.cli.driver import Editor, editor
from lsp_server.core.document import Document, Span
from lsp_server.core.syntax import adds_error
from lsp_server.models import registry
from tests.benchmarks.arguments import command_line
from tests.benchmarks.datasets import DATASETS, Problem
from tests.benchmarks.direct import Direct, direct
from tests.benchmarks.execution import passes
from tests.benchmarks.uncached import Uncached, uncached

_FOREIGN = re.compile(r"<\|\w+\|>|```|</?s>|<fim_\w+>")
_MAX_TOKENS = 512


@dataclass(frozen=True)
class Result:
    """One way's answer to one problem."""

    text: str
    solved: bool
    seconds: float
    faults: tuple[str, ...] = ()
    status: dict[str, Any] = field(default_factory=dict)


async def through_server(
    client: Editor, problem: Problem, number: int, automatic: bool
) -> tuple[str, float, dict[str, Any]]:
    """Open the file, ask for completion at the gap, take the first item."""
    ending = {"python": "py", "cpp": "cpp"}[problem.language]
    document = client.open(f"file:///problem{number}.{ending}", problem.language, problem.before + problem.after)
    began = time.perf_counter()
    answer = await client.complete(document, len(problem.before), automatic)
    seconds = time.perf_counter() - began
    client.close(document)
    text = answer.texts[0] if answer.texts else ""
    return text, seconds, answer.status.get("lastRequest", {})


def faults(problem: Problem, text: str) -> tuple[str, ...]:
    """What must never be in a shown completion."""
    document = Document("file:///p", problem.language, problem.before + problem.after)
    span = Span(len(problem.before), len(problem.before))
    found = {
        "error": bool(text) and adds_error(document, span, text),
        "foreign": bool(_FOREIGN.search(text)),
        "duplicate": repeats_suffix(problem, text),
    }
    return tuple(name for name, is_so in found.items() if is_so)


def repeats_suffix(problem: Problem, text: str) -> bool:
    """Whether the completion ends in what follows it, and the reference does not: a line, or the rest of one."""
    rest = problem.after.split("\n", 1)[0].strip()
    following = next((line.strip() for line in problem.after.split("\n") if line.strip()), "")
    candidates = [part for part in {rest, following} if len(part) > 3]
    return any(text.rstrip().endswith(part) and not problem.reference.rstrip().endswith(part) for part in candidates)


async def run(options: argparse.Namespace) -> list[dict[str, Any]]:
    """All problems, both ways in turn."""
    model = registry.find(options.model)
    problems = list(DATASETS[options.dataset](options.data))[options.offset :: options.every]
    settings = {"model": options.model, "maxTokens": _MAX_TOKENS, "deadlineSeconds": 600, "threads": options.threads}
    if options.candidates is not None:
        settings["candidates"] = options.candidates
    rows: list[dict[str, Any]] = []
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        client = await stack.enter_async_context(editor(settings, folder)) if options.only != "direct" else None
        opened = uncached if options.beside == "forgetful" else direct
        plain = await stack.enter_async_context(opened(model, options.threads)) if options.only != "server" else None
        if client:
            await ready(client)
        for number, problem in enumerate(problems):
            rows.append(await one(options, problem, number, client, plain))
            if options.json:
                options.json.write_text(json.dumps(rows, indent=1))
            print(progress(rows), end="\r", file=sys.stderr, flush=True)
    return rows


async def ready(client: Editor) -> None:
    """Wait until the model is open, so that no answer is empty for want of it."""
    for _ in range(1200):
        status = await client.status()
        if status["engine"]["state"] == "ready":
            return
        await asyncio.sleep(0.1)
    raise SystemExit(f"the server did not become ready: {status}")


async def one(
    options: argparse.Namespace, problem: Problem, number: int, client: Editor | None, plain: Direct | Uncached | None
) -> dict[str, Any]:
    """One problem, both ways."""
    row: dict[str, Any] = {"id": problem.identifier}
    if client:
        text, seconds, status = await through_server(client, problem, number, options.automatic)
        solved = passes(problem.language, problem.program(text))
        row["server"] = asdict(Result(text, solved, seconds, faults(problem, text), status))
    if plain:
        began = time.perf_counter()
        text = await plain.complete(options.dataset, problem, _MAX_TOKENS)
        seconds = time.perf_counter() - began
        row["direct"] = asdict(Result(text, passes(problem.language, problem.program(text)), seconds))
    return row


def progress(rows: list[dict[str, Any]]) -> str:
    """One line: solved so far, each way."""
    parts = [f"{way} {sum(row[way]['solved'] for row in rows)}" for way in ("server", "direct") if way in rows[-1]]
    return f"{len(rows)} problems: " + ", ".join(parts)


def table(dataset: str, model: str, rows: list[dict[str, Any]]) -> str:
    """The result as Markdown."""
    lines = [
        f"### {dataset}, {model}, {len(rows)} problems\n",
        "| way | solved | share | median seconds | p95 seconds | empty | adds error | foreign text | repeats suffix |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for way in ("server", "direct"):
        results = [row[way] for row in rows if way in row]
        if results:
            lines.append(_line(way, results))
    return "\n".join(lines)


def _line(way: str, results: list[dict[str, Any]]) -> str:
    solved = sum(result["solved"] for result in results)
    seconds = sorted(result["seconds"] for result in results)
    counts = [sum(name in result["faults"] for result in results) for name in ("error", "foreign", "duplicate")]
    shown = [str(count) if way == "server" else "-" for count in counts]
    late = seconds[min(int(len(seconds) * 0.95), len(seconds) - 1)]
    empty = sum(not result["text"].strip() for result in results)
    cells = [
        way,
        str(solved),
        f"{100 * solved / len(results):.1f} %",
        f"{statistics.median(seconds):.2f}",
        f"{late:.2f}",
    ]
    return "| " + " | ".join([*cells, str(empty), *shown]) + " |"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    common = ("model", "data", "every", "offset", "threads", "json")
    arguments = command_line("tests.benchmarks.quality", __doc__, *common)
    arguments.add_argument("--dataset", choices=sorted(DATASETS), required=True)
    arguments.add_argument("--candidates", type=int, help="the server's setting of that name")
    arguments.add_argument("--beside", choices=("direct", "forgetful"), default="direct", help="what the second way is")
    arguments.add_argument("--only", choices=("server", "direct"), help="one way alone")
    arguments.add_argument("--automatic", action="store_true", help="ask the server as editors do while one types")
    return arguments


def main() -> None:
    """Run and print the table."""
    options = parser().parse_args()
    rows = asyncio.run(run(options))
    print(file=sys.stderr, flush=True)  # ends the line of progress
    print(table(options.dataset, options.model, rows))


if __name__ == "__main__":
    main()
