"""How many bugs a review finds, and in how many right programs it finds one: pairs of files, with the bug and without.

``python -m tests.benchmarks.review --pairs humanevalfix --model NAME --data DIR --json FILE --svg FILE``

A hit is a finding within one line of a labelled line in the file with the bug; a false alarm is any finding in the
other one. Every function of both files is reviewed. ``--through server`` asks the language server, and the curve begins
at its threshold; otherwise the pipeline is asked for all it suspects, however little, and the curve says what any
threshold would show. ``--through nobody`` asks no model: it shows what is certain. Every item is kept as soon as it is
known: run the same line again to go on.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from lsprotocol import types

from lsp_server.cli.driver import editor
from lsp_server.core.document import Document
from lsp_server.core.functions import functions_in
from lsp_server.engines.base import AsyncEngine, EngineError
from lsp_server.engines.process import EngineProcess
from lsp_server.engines.specs import LlamaSpec
from lsp_server.models import registry, store
from lsp_server.pipelines.opinions import Checks
from lsp_server.pipelines.review import BALANCED, CAUTIOUS, ReviewOptions, ReviewRequest, review
from lsp_server.trial.compiler import refused_lines
from lsp_server.trial.evaluation import tried, tried_each
from lsp_server.trial.process import same_outcomes
from tests.benchmarks.arguments import command_line
from tests.benchmarks.datasets import EXTENSIONS, PAIRS, Pair, pairs
from tests.benchmarks.quality import ready
from tests.benchmarks.review_curve import Item, Seen, picture, table
from tests.scripted import RecordedEngine

Reviewer = Callable[[Document], Awaitable[list[Seen]]]
"""What is found in a file."""


@dataclass(frozen=True)
class Wish:
    """What is measured."""

    model: str
    threads: int
    examples: bool
    threshold: str


@asynccontextmanager
async def through_pipeline(wish: Wish) -> AsyncIterator[Reviewer]:
    """Every suspicion, with how sure it is."""
    engine = EngineProcess(LlamaSpec(str(store.require(registry.find(wish.model))), threads=wish.threads or None))
    try:
        await engine.start()
        yield pipeline(wish, engine, _CHECKS)
    finally:
        await engine.close()


@asynccontextmanager
async def without_model(wish: Wish) -> AsyncIterator[Reviewer]:
    """What is certain: no model is asked. How busy the machine is decides less."""
    yield pipeline(wish, RecordedEngine(ranks=False), replace(_CHECKS, trial=_PATIENT, trials=_PATIENT_EACH))


_CHECKS = Checks(tried, refused_lines, tried_each, same_outcomes)
_PATIENT, _PATIENT_EACH = partial(tried, seconds=60), partial(tried_each, seconds=120)


def pipeline(wish: Wish, engine: AsyncEngine, checks: Checks) -> Reviewer:
    """The pipeline, asked for all that it suspects."""
    row = registry.find(wish.model)
    checks = checks if wish.examples else Checks(compile=refused_lines)
    options = ReviewOptions(least_confidence=0.0)

    async def reviewed(document: Document) -> list[Seen]:
        found: list[Seen] = []
        for function in functions_in(document):
            async with aclosing(review(ReviewRequest(document, function, row, options), engine, checks)) as findings:
                async for one in findings:
                    line = document.line_at(one.span.start) + 1
                    seen = Seen(line, one.confidence, one.category, one.message)
                    found += [seen] if seen not in found else []
        return found

    return reviewed


@asynccontextmanager
async def through_server(wish: Wish) -> AsyncIterator[Reviewer]:
    """What the language server shows for the command that reviews, at its threshold."""
    settings: dict[str, Any] = {"model": wish.model, "reviewThreshold": wish.threshold}
    settings |= {"checkExamples": wish.examples} | ({"threads": wish.threads} if wish.threads else {})
    with tempfile.TemporaryDirectory() as folder:
        async with editor(settings, Path(folder)) as client:
            await ready(client)

            async def reviewed(document: Document) -> list[Seen]:
                shown = client.open(document.uri, document.language_id, document.text)
                found = await client.reviewed(shown)
                client.close(shown)
                return [_seen(one) for one in found]

            yield reviewed


def _seen(shown: types.Diagnostic) -> Seen:
    return Seen(shown.range.start.line + 1, shown.data["confidence"], str(shown.code), str(shown.message))


THROUGH = {"pipeline": through_pipeline, "server": through_server, "nobody": without_model}


async def measured(reviewer: Reviewer, pair: Pair) -> Item:
    """Both files of a pair, the one with the bug first."""
    found, seconds = [], []
    for number, text in enumerate((pair.buggy, pair.clean)):
        name = f"file:///{pair.identifier}{number}.{EXTENSIONS[pair.language]}"
        began = time.perf_counter()
        try:
            found.append(await reviewer(Document(name, pair.language, text)))
        except EngineError as error:
            print(f"{pair.identifier}: {error}", flush=True)
            found.append([])
        seconds.append(round(time.perf_counter() - began, 2))
    return Item(pair.identifier, pair.lines, tuple(found[0]), tuple(found[1]), tuple(seconds))


def kept(path: Path | None) -> list[Item]:
    """What an earlier run found."""
    lines = path.read_text().splitlines() if path and path.exists() else []
    return [Item.of(json.loads(line)) for line in lines]


async def run(options: argparse.Namespace) -> list[Item]:
    """All items, those of an earlier run included."""
    path = options.data / PAIRS[options.pairs] if options.pairs in PAIRS else Path(options.pairs)
    items = kept(options.json)
    known = {item.identifier for item in items}
    wanted = [pair for pair in list(pairs(path))[options.offset :: options.every] if pair.identifier not in known]
    wish = Wish(options.model, options.threads, not options.without_examples, options.threshold)
    if not wanted:
        return items
    async with THROUGH[options.through](wish) as reviewer:
        for pair in wanted:
            items.append(await measured(reviewer, pair))
            print(items[-1].told, flush=True)
            if options.json:
                with options.json.open("a") as file:
                    file.write(json.dumps(asdict(items[-1])) + "\n")
    return items


def main() -> None:
    """The command."""
    common = ("model", "data", "every", "offset", "threads", "json")
    parser = command_line("tests.benchmarks.review", __doc__, *common)
    parser.add_argument("--pairs", default="humanevalfix", help=f"one of {', '.join(PAIRS)}, or a file of pairs")
    parser.add_argument("--through", choices=THROUGH, default="pipeline", help="who is asked")
    parser.add_argument("--threshold", default="cautious", help="of the server: cautious, balanced or a confidence")
    parser.add_argument("--without-examples", action="store_true", help="nothing is evaluated")
    parser.add_argument("--svg", type=Path, help="draw the curve here")
    options = parser.parse_args()
    items = asyncio.run(run(options))
    print(table(items, {"cautious": CAUTIOUS, "balanced": BALANCED}))
    if options.svg:
        options.svg.write_text(picture({f"{options.pairs}, {options.model}": items}))


if __name__ == "__main__":
    main()
