"""One trial as the event loop sees it: a child process, a deadline and a verdict. It never looks at the code."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from lsp_server.core.examples import Example
from lsp_server.trial.child import output_of
from lsp_server.trial.comparison import RAISES

_STEPS = 50_000
"""Of the evaluator, for an example of one source among many: what runs longer is not looked at to its end."""

_FEWEST = 4
"""Calls that must be known of two versions before they are called the same."""


@dataclass(frozen=True)
class Failure:
    """An example that does not hold, and what happens instead: ``gives 4``, ``raises KeyError``.

    ``line`` is where it happens, counted from 0, where that is known.
    """

    example: Example
    instead: str
    line: int | None = None


@dataclass(frozen=True)
class Verdict:
    """How many examples held, how many failed, and of how many nothing is known."""

    held: int
    failed: int
    unknown: int
    failures: tuple[Failure, ...] = field(default=(), compare=False)

    @property
    def refuted(self) -> bool:
        """The code contradicts its own docstring."""
        return self.failed > 0


async def tried(source: str, calls: Sequence[Example], seconds: float = 2.0) -> Verdict:
    """Evaluate the examples in a child process that ends within ``seconds``, however the code behaves.

    ``source`` is a whole file that parses, with the function at its top level. What could not be judged (other imports,
    classes, too slow, no process to be had) is unknown. Cancelling ends the child.
    """
    return _verdict(calls, await _answers([source], calls, None, seconds) if calls else [])


async def tried_each(sources: Sequence[str], calls: Sequence[Example], seconds: float = 10.0) -> list[Verdict]:
    """Of several versions of a file, those that are reached within ``seconds``; otherwise like `tried`.

    A version is given up at the first example that does not hold.
    """
    until = monotonic() + seconds
    found: list[Verdict] = []
    while len(found) < len(sources) and calls and (left := until - monotonic()) > 0:
        answers = await _answers(sources[len(found) :], calls, _STEPS, left)
        # The process has ended in the middle of a version, or of none: nothing is known of that one.
        whole = max(len(answers) // len(calls), 1)
        starts = range(0, whole * len(calls), len(calls))
        found += [_verdict(calls, answers[start : start + len(calls)]) for start in starts]
    return found + [_verdict(calls, [])] * (len(sources) - len(found))


async def same_outcomes(one: str, other: str, calls: Sequence[str], seconds: float = 3.0) -> bool:
    """Whether two versions of a file make the same of every call that can be evaluated, and do different things at all.

    False where too little could be evaluated to say so: a call at which both fail alike says nothing, since it may have
    ended before it came to where they differ.
    """
    if not calls:
        return False
    said = await _said({"sources": [one, other], "calls": list(calls), "steps": _STEPS}, seconds)
    ours, theirs = said[: len(calls)], said[len(calls) :]
    known = [pair for pair in zip(ours, theirs, strict=False) if None not in pair]
    given = [first for first, _ in known if not first.startswith(RAISES)]
    telling = len(given) >= _FEWEST and len(set(given)) > 1
    return telling and all(first == second for first, second in known)


async def _answers(
    sources: Sequence[str], calls: Sequence[Example], steps: int | None, seconds: float
) -> list[bool | str | None]:
    """What the child says of each example, as far as it comes."""
    examples = [(one.call, one.expected) for one in calls]
    return await _said({"sources": list(sources), "examples": examples, "steps": steps}, seconds)


async def _said(task: dict[str, object], seconds: float) -> list[Any]:
    """A line of the child for each thing that it was asked, as far as it came."""
    # -I: neither the user's folder nor the environment decides what is imported.
    command = (sys.executable, "-I", "-m", "lsp_server.trial.host")
    answered = await output_of(command, json.dumps(task).encode(), seconds) or b""
    return [json.loads(line) for line in answered.split(b"\n")[:-1]]


def _verdict(calls: Sequence[Example], answers: Sequence[bool | str | None]) -> Verdict:
    failures = tuple(Failure(call, said) for call, said in zip(calls, answers, strict=False) if isinstance(said, str))
    held = sum(said is True for said in answers)
    return Verdict(held, len(failures), len(calls) - held - len(failures), failures)
