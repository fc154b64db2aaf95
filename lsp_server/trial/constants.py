"""The examples of a C or C++ function, evaluated as constants by a compiler's front end: nothing is built or executed.

What it cannot evaluate (input and output, much of the library, variables of the file) is unknown. Where it finds that
the code does what no program may do, such as reading behind an array's end, the example does not hold.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

from lsp_server.core.braced_notation import literal_at
from lsp_server.core.context import Function
from lsp_server.core.document import Document
from lsp_server.core.examples import Example
from lsp_server.core.functions import functions_in
from lsp_server.trial.compiler import beside
from lsp_server.trial.complaints import Complaint, complaints_in
from lsp_server.trial.front_end import Limits, said_of
from lsp_server.trial.process import Failure, Verdict
from lsp_server.trial.telling import UnknownValueError, agrees, values_of, written
from lsp_server.trial.unit import Unit, alternatives, whole

_STEPS = 10_000_000
_FEW_STEPS = 1_000_000
"""Of one evaluation: of a function alone, and of one version among many."""

_BATCH = 400_000
"""Characters that are read at once."""

_MANY_ROUNDS = 20_000
_MOST_ROUNDS = 250_000
_SMALL = 100
_FEW = 12
"""What goes round so many times for numbers and lists up to so large and long does not come to an end; for others that
is not known."""

_LONGEST_VALUE = 60
_CATCHES = re.compile(r"\bcatch\b")
_NUMBER = re.compile(r"\d+")


async def tried(document: Document, examples: Sequence[Example], seconds: float = 5.0) -> Verdict:
    """Evaluate the examples within ``seconds``; what could not be is unknown. Cancelling ends the compiler."""
    function = _function(document, examples)
    unit = whole(document, function, examples) if function else None
    said = _Said.of(await _asked(document, unit, _limits(examples, _STEPS, seconds))) if unit else _NOTHING
    return _verdict([_outcome(document, examples, at, said.answers.get((0, at))) for at in range(len(examples))])


async def tried_each(
    documents: Sequence[Document], examples: Sequence[Example], seconds: float = 10.0
) -> list[Verdict]:
    """Of several versions of a file, those that are reached within ``seconds``; otherwise like `tried`.

    Of a version of which not all examples hold no more is told than that.
    """
    until = monotonic() + seconds
    function = _function(documents[0], examples) if documents else None
    found: list[Verdict] = []
    while function and len(found) < len(documents) and (left := until - monotonic()) > 0:
        batch = [documents[0], *_batch(documents[len(found) :])] if found else _batch(documents)
        unit = alternatives(batch, function, examples)
        if unit is None:
            break
        said = _Said.of(await _asked(documents[0], unit, _limits(examples, _FEW_STEPS, left)))
        verdicts = [_all(examples, said.answers.get((number, 0))) for number in range(len(batch))]
        found += verdicts[1:] if found else verdicts
    return found + [Verdict(0, 0, len(examples))] * (len(documents) - len(found))


def _function(document: Document, examples: Sequence[Example]) -> Function | None:
    """The function that the examples call; None where nothing says which it is."""
    names = {example.call.partition("(")[0] for example in examples}
    found = [one for one in functions_in(document) if one.name in names and not one.indent]
    return found[-1] if len(names) == 1 and found else None


def _batch(documents: Sequence[Document]) -> Sequence[Document]:
    """As many as are read at once."""
    return documents[: max(1, _BATCH // (len(documents[0].text) + 1))]


def _limits(examples: Sequence[Example], steps: int, seconds: float) -> Limits:
    return Limits(steps, _MANY_ROUNDS if all(map(_is_small, examples)) else _MOST_ROUNDS, seconds)


async def _asked(document: Document, unit: Unit, limits: Limits) -> str:
    return await said_of(unit.text, beside(document.uri), limits)


@dataclass(frozen=True)
class _Said:
    """The first that was said to each question; nothing of what was refused."""

    answers: Mapping[tuple[int, int], Complaint]

    @classmethod
    def of(cls, said: str) -> _Said:
        answers: dict[tuple[int, int], Complaint] = {}
        refused: set[int | None] = set()
        for complaint in complaints_in(said):
            if complaint.part is None:
                refused.add(complaint.version)
            else:
                answers.setdefault(complaint.part, complaint)
        return cls({} if None in refused else {at: one for at, one in answers.items() if at[0] not in refused})


_NOTHING = _Said({})


def _outcome(document: Document, examples: Sequence[Example], at: int, said: Complaint | None) -> bool | Failure | None:
    """Whether an example holds, or what happens instead; None where that is not known."""
    example = examples[at]
    if said is None:
        return None
    if said.numbers is None:
        instead = _matter(document, examples, said)
        return Failure(example, instead, said.line) if instead else None
    values = _values(said)
    promised = literal_at(example.expected)
    holds = agrees(values[0], promised.value, example.expected) if promised and values else None
    return Failure(example, f"gives {_shown(values[0])}") if holds is False else holds


def _values(said: Complaint) -> list[object]:
    try:
        return values_of(said.numbers or ())
    except UnknownValueError:
        return []


def _shown(value: object) -> str:
    text = written(value)
    return text if len(text) <= _LONGEST_VALUE else "another value"


def _matter(document: Document, examples: Sequence[Example], said: Complaint) -> str:
    """What is certainly wrong; nothing where right code may be refused so too."""
    matter, instead = said.matter() or (None, "")
    doubts = matter is not None and (
        (matter.endless and not all(map(_is_small, examples)))
        or (matter.thrown and _CATCHES.search(document.text))
        or (matter.local and not _is_local(document, said.noted))
    )
    return "" if doubts else instead


def _is_local(document: Document, line: int | None) -> bool:
    """Whether what is declared on that line is a variable of one call."""
    if line is None or "static" in document.line_text(line):
        return False
    span = document.line_span(line)
    bodies = (one.body for one in functions_in(document))
    return any(body and body.start < span.end and span.start < body.end for body in bodies)


def _is_small(example: Example) -> bool:
    numbers = (int(one) for one in _NUMBER.findall(example.call))
    return example.call.count(",") < _FEW and all(number <= _SMALL for number in numbers)


def _all(examples: Sequence[Example], said: Complaint | None) -> Verdict:
    """Of a version that was asked all at once."""
    unknown = Verdict(0, 0, len(examples))
    if said is None or (said.numbers is None and said.matter() is None):
        return unknown
    values = _values(said)
    if len(values) != len(examples):
        return unknown if said.numbers is not None else Verdict(0, 1, len(examples) - 1)
    promised = [literal_at(one.expected) for one in examples]
    pairs = zip(values, promised, examples, strict=True)
    return _verdict([one and agrees(value, one.value, example.expected) for value, one, example in pairs])


def _verdict(outcomes: Sequence[object]) -> Verdict:
    failures = tuple(one for one in outcomes if isinstance(one, Failure))
    held, failed = outcomes.count(True), len(failures) + outcomes.count(False)
    return Verdict(held, failed, len(outcomes) - held - failed, failures)
