"""Whether remembered prompts change what is suggested: ``python -m tests.benchmarks.typing.sameness [--sessions N]``.

Functions are typed to their end, nothing is accepted, and at every pause of the hands the pipeline is asked as the
server asks it while somebody types. One engine, in a process of its own, remembers prompts from place to place; the
other, in this process, forgets everything before every call. Both have the same model, threads and sizes, and no
deadline decides. Numbers are rounded differently where a prompt is evaluated in other parts, so that an answer may
differ where two tokens are about as likely as each other. What differs is printed, with the tokens at which the answers
part and how far these are apart: the difference of the natural logarithms of their probabilities.

Ends with 1 where nothing was suggested, the first engine reused no token, or the other reused any.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import unified_diff
from pathlib import Path
from typing import Protocol

from lsp_server import opening, parts
from lsp_server.core.document import Document
from lsp_server.core.parting import Parting
from lsp_server.core.parting import parting as parted_at
from lsp_server.engines.base import AsyncEngine
from lsp_server.models import registry, store
from lsp_server.models.rows import Model
from lsp_server.settings import Settings
from tests.benchmarks.arguments import command_line
from tests.benchmarks.forgetful import opened
from tests.benchmarks.typing.closing import Closers
from tests.benchmarks.typing.hands import PAUSE_SECONDS, strokes
from tests.benchmarks.typing.listener import Listener, Said, apart, parting
from tests.benchmarks.typing.material import Task, tasks
from tests.benchmarks.typing.replay import document_of
from tests.benchmarks.typing.screen import Place

_DEADLINE_SECONDS = 600.0


class Counting(AsyncEngine, Protocol):
    """An engine that counts tokens."""

    @property
    def totals(self) -> Mapping[str, int]:
        """Of prompts, and of those the ones that were known."""
        ...


@dataclass(frozen=True)
class Answer:
    """What came of one place: the suggestion, all that the model said for it, and what the prompts cost in tokens."""

    text: str
    said: tuple[str, ...]
    prompt_tokens: int
    reused_tokens: int
    seconds: float


@dataclass(frozen=True)
class Pair:
    """The answers at one place, after ``at`` characters of a function: with prompts remembered, and without.

    ``tokens`` are those at which the model first said something else, and so far ``apart``, see `listener.apart`.
    """

    task: str
    at: int
    remembering: Answer
    forgetful: Answer
    tokens: tuple[str, str] | None = None
    apart: float | None = None

    @property
    def same(self) -> bool:
        """Whether the suggestions are the same text."""
        return self.remembering.text == self.forgetful.text

    @property
    def same_said(self) -> bool:
        """Whether the model said the same."""
        return self.remembering.said == self.forgetful.said

    @property
    def shown(self) -> bool:
        """Whether anything was suggested."""
        return bool(self.remembering.text or self.forgetful.text)

    def difference(self) -> str:
        """For people."""
        ours, theirs = (answer.text.split("\n") if answer.text else [] for answer in (self.remembering, self.forgetful))
        lines = unified_diff(ours, theirs, "remembering", "forgetful", lineterm="", n=1)
        told = "" if self.tokens is None else f"; parted at {self.tokens[0]!r} and {self.tokens[1]!r}"
        known = "" if self.apart is None else f", {self.apart:.3f} apart"
        return "\n".join([f"{self.task}, after {self.at} characters{told}{known}", *lines])


def pauses(task: Task, seed: int) -> Iterator[tuple[int, Place]]:
    """The places where the hands wait, with how many characters of the function stand there, slips included."""
    place, closers = Place(document_of(task), len(task.before)), Closers()
    for stroke in strokes(task.typed, f"{seed} {task.digest}"):
        at = stroke.at + len(stroke.text)
        following = task.typed[at : at + 1]
        place = closers.pressed(place, stroke.text, following) if stroke.text else closers.erased(place)
        if stroke.wait > PAUSE_SECONDS:
            yield place.cursor - len(task.before), place


class Asker:
    """Asks as the server does, unasked."""

    def __init__(self, row: Model, settings: Settings) -> None:
        self._row, self._settings = row, settings
        self._complete = parts.real().complete
        self._parted: Parting | None = None

    async def answer(self, engine: Counting, document: Document, offset: int) -> tuple[Answer, list[Said]]:
        """What is suggested first at one place, and what that cost; what the model was asked and said for it."""
        before, began, listener = dict(engine.totals), time.perf_counter(), Listener(engine)
        self._parted = parted_at(document, offset, self._parted)
        question = parts.Question(document, offset, self._row, parted=self._parted)
        outcome = await self._complete(question, self._settings, listener)
        prompt, reused = (engine.totals[name] - before.get(name, 0) for name in ("promptTokens", "reusedTokens"))
        text = outcome.suggestions[0].text if outcome.suggestions else ""
        said = tuple(one.text for one in listener.said)
        return Answer(text, said, prompt, reused, time.perf_counter() - began), listener.said


async def run(options: argparse.Namespace) -> list[Pair]:
    """Every place of every function, asked of both engines."""
    row = registry.find(options.model)
    settings = replace(Settings(), model=row.name, threads=options.threads, deadline_seconds=_DEADLINE_SECONDS)
    spec = opening.spec_of(row, store.require(row), settings)
    remembering, forgetful = opening.open_engine(row, store.require(row), settings), opened(spec)
    asker, pairs = Asker(row, settings), []
    try:
        await remembering.start()
        for task in tasks(options.seed, options.sessions):
            for number, (at, place) in enumerate(pauses(task, options.seed)):
                # The first is asked everywhere, so that it remembers what it would.
                first, ours = await asker.answer(remembering, place.document, place.cursor)
                if number % options.every == options.offset % options.every:
                    second, theirs = await asker.answer(forgetful, place.document, place.cursor)
                    where = parting(ours, theirs)
                    told = await apart(forgetful, where) if where else (None, None)
                    pairs.append(Pair(task.identifier, at, first, second, *told))
                    keep(options.json, pairs)
                    print(progress(pairs), end="\r", file=sys.stderr, flush=True)
    finally:
        await remembering.close()
    return pairs


def progress(pairs: Sequence[Pair]) -> str:
    """One line."""
    return f"{len(pairs)} places, {sum(pair.same for pair in pairs)} the same"


def keep(path: Path | None, pairs: Sequence[Pair]) -> None:
    """Write everything down."""
    if path:
        path.write_text(json.dumps([asdict(pair) for pair in pairs], indent=1) + "\n", encoding="utf-8")


def faults(pairs: Sequence[Pair]) -> list[str]:
    """Why the comparison says nothing."""
    told = {
        "nothing was suggested at any place": not any(pair.shown for pair in pairs),
        "the remembering engine reused no token": not sum(pair.remembering.reused_tokens for pair in pairs),
        "the forgetful engine reused tokens": sum(pair.forgetful.reused_tokens for pair in pairs),
    }
    return [text for text, so in told.items() if so]


def table(pairs: Sequence[Pair]) -> str:
    """For people, in Markdown."""
    shown = [pair for pair in pairs if pair.shown]
    lines = [
        "| | |",
        "|---|---:|",
        f"| functions | {len({pair.task for pair in pairs})} |",
        f"| places | {len(pairs)} |",
        f"| of these with a suggestion | {len(shown)} |",
        f"| the same suggestion, % of these | {_share(pair.same for pair in shown)} |",
        f"| the same outcome, % of all places | {_share(pair.same for pair in pairs)} |",
        f"| the model said the same, % of all places | {_share(pair.same_said for pair in pairs)} |",
        f"| furthest apart of tokens at which answers part | {_furthest(pairs)} |",
    ]
    for name, answers in _ways(pairs).items():
        lines += [
            f"| {name}: prompt tokens | {sum(one.prompt_tokens for one in answers)} |",
            f"| {name}: reused of these | {sum(one.reused_tokens for one in answers)} |",
            f"| {name}: seconds for a place | {sum(one.seconds for one in answers) / len(answers):.2f} |",
        ]
    return "\n".join(lines)


def _ways(pairs: Sequence[Pair]) -> dict[str, list[Answer]]:
    return {"remembering": [pair.remembering for pair in pairs], "forgetful": [pair.forgetful for pair in pairs]}


def _furthest(pairs: Sequence[Pair]) -> str:
    known = [pair.apart for pair in pairs if pair.apart is not None]
    return f"{max(known):.3f}" if known else "-"


def _share(found: Iterator[bool]) -> str:
    all_of_them = [*found]
    return f"{100 * sum(all_of_them) / len(all_of_them):.2f}" if all_of_them else "-"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    arguments = command_line("tests.benchmarks.typing.sameness", __doc__, "model", "threads", "every", "offset", "json")
    arguments.add_argument("--sessions", type=int, default=12, help="how many functions are typed")
    arguments.add_argument("--seed", type=int, default=1, help="which functions, names, intervals and slips")
    return arguments


def main() -> None:
    """Run, print what differs and the table, and say where that means nothing."""
    pairs = asyncio.run(run(parser().parse_args()))
    for pair in pairs:
        if not pair.same:
            print(pair.difference(), end="\n\n")
    if pairs:
        print(table(pairs))
    if found := faults(pairs):
        raise SystemExit("\n" + "\n".join(found))


if __name__ == "__main__":
    main()
