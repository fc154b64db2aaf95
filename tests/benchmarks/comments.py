"""Comment to code through the language server, beside the same model's chat answer with its code taken out.

``python -m tests.benchmarks.comments --model default --json FILE``

A comment is followed by inline completion on the next line; a stub is completed by the command. A case is passed
when the file, with what came of it, passes the case's own test. It is also looked at where the code ends and how it is
indented; see `wishes`. The direct way asks in the model's own dialogue and puts the code of the answer, indented
as the comment is, below the comment, or in place of the stub's function; where that fails but the answer alone, taken
for the whole file, passes, that counts too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

from lsp_server.cli.driver import Editor, editor
from lsp_server.core.document import Span
from lsp_server.core.finding import Fix
from lsp_server.core.functions import function_at
from lsp_server.engines.process import EngineProcess
from lsp_server.engines.specs import LlamaSpec
from lsp_server.models import registry, store
from lsp_server.models.rows import Model
from lsp_server.pipelines.ask import Question, ask
from lsp_server.pipelines.from_comment import CommentRequest, from_comment
from lsp_server.pipelines.opinions import Checks
from lsp_server.pipelines.request import Options
from lsp_server.trial.compiler import refused_lines
from lsp_server.trial.evaluation import tried
from tests.benchmarks.arguments import command_line
from tests.benchmarks.execution import passes
from tests.benchmarks.quality import ready
from tests.benchmarks.wishes import Judged, Wish, wishes

_MAX_TOKENS = 384
Way = Callable[[Wish], Awaitable[Judged]]

_QUESTION = """\
This is a file:
```{language}
{text}
```
Write the code that this comment asks for:
{comment}
Answer with the new code alone, which will be put below the comment. Do not repeat the rest of the file."""
_STUB_QUESTION = """\
This is a file:
```{language}
{text}
```
Implement this function:
{comment}
Answer with the whole function and nothing else."""


class Direct:
    """One model, asked in its own dialogue. An answer that is the whole file again may pass as that."""

    def __init__(self, row: Model, engine: EngineProcess) -> None:
        self._row, self._engine = row, engine

    async def __call__(self, wish: Wish) -> Judged:
        """Its code where it belongs: below the comment, or instead of the stub's function."""
        function = function_at(wish.document, wish.offset) if wish.kind == "stub" else None
        if function is None:
            here = Span(wish.offset, wish.offset)
            code = await self._code(_QUESTION, wish, _comment(wish))
            return Judged(wish, wish.document, here, "\n" + code.rstrip("\n"))
        first = wish.text.rfind("\n", 0, function.signature.start) + 1
        span = Span(first, function.span.end)
        return Judged(wish, wish.document, span, await self._code(_STUB_QUESTION, wish, span.of(wish.text)))

    async def _code(self, question: str, wish: Wish, comment: str) -> str:
        values = {"language": wish.language_id, "text": wish.text, "comment": comment}
        asked = Question(question.format(**values), self._row, max_tokens=_MAX_TOKENS, code_only=True)
        reply = await ask(asked, self._engine)
        own = wish.indent if wish.kind != "stub" else _indent_of(comment)
        return indent(dedent(reply.text), own)


def _comment(wish: Wish) -> str:
    """The comment, as far as it reaches up."""
    above = wish.text[: wish.offset].split("\n")
    count = next(n for n in range(1, len(above) + 1) if n == len(above) or not above[-n - 1].strip().startswith(_MARKS))
    return "\n".join(above[-count:])


_MARKS = ("#", "//", "/*", "*", "the words of text in")


def _indent_of(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


class Pipeline:
    """The command's pipeline in this process."""

    def __init__(self, row: Model, engine: EngineProcess) -> None:
        self._row, self._engine = row, engine

    async def __call__(self, wish: Wish) -> Judged:
        """What its edit changes."""
        request = CommentRequest(wish.document, wish.offset, self._row, Options(_MAX_TOKENS))
        change = await from_comment(request, self._engine, Checks(tried, refused_lines))
        if change.fix is None:
            return Judged(wish, wish.document, Span(wish.offset, wish.offset), "")
        edit = change.fix.edits[0]
        return Judged(wish, wish.document, edit.span, edit.text)


class Served:
    """The server, asked for the next line of a comment, or by command to complete a stub."""

    def __init__(self, client: Editor) -> None:
        self._client = client

    async def __call__(self, wish: Wish) -> Judged:
        """The first item, put in on the line below the comment; or what the command changes."""
        if wish.kind == "stub":
            document = self._client.open(wish.document.uri, wish.language_id, wish.text)
            fix = await self._client.commanded("complete", document, wish.offset)
            self._client.close(document)
            return Judged(wish, wish.document, *_replaced(wish.text, fix))
        entered, offset = wish.entered
        document = self._client.open(entered.uri, entered.language_id, entered.text)
        answer = await self._client.complete(document, offset)
        self._client.close(document)
        return Judged(wish, document, Span(offset, offset), answer.texts[0] if answer.texts else "")


def _replaced(text: str, fix: Fix) -> tuple[Span, str]:
    """From the first to the last place that a fix changes, and what stands there afterwards."""
    start = min((edit.span.start for edit in fix.edits), default=0)
    end = max((edit.span.end for edit in fix.edits), default=0)
    after = fix.applied(text)
    return Span(start, end), after[start : len(after) - (len(text) - end)]


def chosen(options: argparse.Namespace) -> list[Wish]:
    """The cases that were asked for."""
    all_of = [wish for wish in wishes() if options.match in f"{wish.language_id} {wish.name}"]
    kept = [wish for wish in all_of if options.held_out is None or wish.held_out == options.held_out]
    return kept[options.offset :: options.every]


@asynccontextmanager
async def ways_of(options: argparse.Namespace) -> AsyncIterator[dict[str, Way]]:
    """The ways that were asked for, ready."""
    row = registry.find(options.model)
    async with AsyncExitStack() as stack:
        engine = EngineProcess(LlamaSpec(str(store.require(row)), threads=options.threads or None))
        stack.push_async_callback(engine.close)
        ways: dict[str, Way] = {}
        pipeline = Pipeline(row, engine)
        if "server" in options.ways:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            settings = {"model": options.model, "maxTokens": _MAX_TOKENS, "deadlineSeconds": 600}
            client = await stack.enter_async_context(editor({**settings, "threads": options.threads}, folder))
            await ready(client)
            ways["server"] = Served(client)
        if "pipeline" in options.ways:
            ways["pipeline"] = pipeline
        if "direct" in options.ways:
            ways["direct"] = Direct(row, engine)
        yield ways


async def run(options: argparse.Namespace) -> list[dict[str, Any]]:
    """All cases, every way in turn."""
    rows: list[dict[str, Any]] = []
    async with ways_of(options) as ways:
        for wish in chosen(options):
            row: dict[str, Any] = {"name": wish.name, "language": wish.language_id, "kind": wish.kind}
            for name, way in ways.items():
                row[name] = await _judged(way, wish)
                told = "passed" if row[name]["passed"] else "failed"
                print(f"{wish.language_id} {wish.name}: {name} {told} {row[name]['faults']}", file=sys.stderr)
            rows.append(row)
            if options.json:
                options.json.write_text(json.dumps(rows, indent=1))
    return rows


async def _judged(way: Way, wish: Wish) -> dict[str, Any]:
    began = time.perf_counter()
    judged = await way(wish)
    seconds = time.perf_counter() - began
    passed = bool(judged.text.strip()) and passes(wish.language_id, wish.program(judged.whole))
    if isinstance(way, Direct) and not passed:
        passed = passes(wish.language_id, wish.program(dedent(judged.text)))
    return {"passed": passed, "faults": judged.faults, "seconds": seconds, "text": judged.text}


def table(model: str, rows: list[dict[str, Any]], ways: list[str]) -> Iterator[str]:
    """The result as Markdown."""
    yield f"### comment to code, {model}, {len(rows)} cases\n"
    yield "| way | passed | nothing written | boundary wrong | indentation wrong | median seconds |"
    yield "|---|---|---|---|---|---|"
    for way in ways:
        results = [row[way] for row in rows]
        wrong = sum(bool(set(result["faults"]) - {"indentation"}) for result in results)
        indented = sum("indentation" in result["faults"] for result in results)
        seconds = sorted(result["seconds"] for result in results)[len(results) // 2]
        empty = sum(not result["text"].strip() for result in results)
        passed = sum(result["passed"] for result in results)
        yield f"| {way} | {passed} | {empty} | {wrong} | {indented} | {seconds:.1f} |"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    common = ("model", "every", "offset", "threads", "json")
    arguments = command_line("tests.benchmarks.comments", __doc__, *common)
    arguments.add_argument("--ways", nargs="+", choices=("server", "pipeline", "direct"), default=["server", "direct"])
    arguments.add_argument("--match", default="", help="only cases with this in their language and name")
    arguments.add_argument("--held-out", action=argparse.BooleanOptionalAction, help="only those held out, or no such")
    return arguments


def main() -> None:
    """Run and print the table."""
    options = parser().parse_args()
    rows = asyncio.run(run(options))
    print("\n".join(table(options.model, rows, options.ways)))


if __name__ == "__main__":
    main()
