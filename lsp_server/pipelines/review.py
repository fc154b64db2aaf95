"""The review of one function: what is certainly wrong first, then what a model would change and what then holds good.

Findings come as they become certain. A model's own opinion is not asked for: it reads the function, and what it would
rather have written counts only if the function is clearly likelier with it and nothing speaks against it. It must never
know of LSP, threads or disks.
"""

from __future__ import annotations

import math
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from lsp_server.core.context import Function
from lsp_server.core.document import Document, Span
from lsp_server.core.doubts import Doubt
from lsp_server.core.evidence import evidence_in
from lsp_server.core.excerpt import Excerpt, excerpt_of
from lsp_server.core.finding import Edit, Finding, category
from lsp_server.core.line_ends import Unix
from lsp_server.core.notes import documentation_of
from lsp_server.core.phrasing import phrased
from lsp_server.core.prompt import CHARACTERS_PER_TOKEN
from lsp_server.core.remedies import least, moved, size, whole_lines
from lsp_server.core.small_changes import small_changes
from lsp_server.core.syntax import context_at
from lsp_server.engines.base import AsyncEngine, EngineError
from lsp_server.models.rows import Model
from lsp_server.pipelines.admissible import Admissible
from lsp_server.pipelines.counterexamples import Examined, examined
from lsp_server.pipelines.opinions import Checks
from lsp_server.pipelines.second_look import SecondLook

CAUTIOUS = 0.75
"""The confidence from which on a finding is shown: what was chosen on had no false alarm above it."""

BALANCED = 0.5
"""The same for who would rather look at a few too many: one right function in eight had something above it."""

_EVEN = 5.0
_SPREAD = 2.0
"""Nats: what a change must gain to be as likely right as not, and how fast that grows. Chosen, with the weight of the
mending, with the 1.5B and without examples, on 19 pairs of HumanEvalFix (10 more without their documentation), 35 of
QuixBugs, and 15 functions of HumanEval-X in C++ with small changes that fail their tests."""

_PASSED = 5.0
"""Nats more where the documentation's examples all hold: of HumanEvalFix 148 right functions and 13 wrong ones do."""

_HELPS = 4.0
"""Nats less where examples hold with the change of which nothing is known without: it did not come to an end, say."""

_UNDOCUMENTED = 2.0
"""Nats more where nothing says what the function is for, so that the model has its own idea of it."""

_UNSEEN = 4.0
"""Nats more where none of the calls that were tried shows a difference: it may be a matter of taste."""

_FAILING = category("failing-example")

_WEIGHED = 8
"""Of the changes with which the examples hold, as many are weighed."""


@dataclass(frozen=True)
class ReviewOptions:
    """``seconds`` None: no deadline. A finding has ``least_confidence``, and there are ``most`` of them at most.

    ``tokens`` is what the model can have before its eyes.
    """

    seconds: float | None = None
    least_confidence: float = CAUTIOUS
    most: int = 5
    tokens: int = 4096


@dataclass(frozen=True)
class ReviewRequest:
    """Review ``function`` of ``document`` with the model of ``row``."""

    document: Document
    function: Function
    row: Model
    options: ReviewOptions = field(default_factory=ReviewOptions)


async def review(request: ReviewRequest, engine: AsyncEngine, checks: Checks) -> AsyncGenerator[Finding, None]:
    """The findings of one function, the certain ones first. Closing the iterator stops the computation.

    Raises:
        EngineError: the engine could not answer; the text says what to do. What was yielded before is right.
    """
    unix = Unix.of(request.document)
    function = _same(unix, request.function)
    if function is None or function.body is None:
        return
    case = _Case(unix.document, function, request, checks, time.perf_counter())
    found = _findings(case, engine)
    try:
        count = 0
        async for finding in found:
            if finding.confidence >= request.options.least_confidence and count < request.options.most:
                count += 1
                yield unix.finding(finding)
    finally:
        await found.aclose()


def _same(unix: Unix, function: Function) -> Function | None:
    """The function in the document that is looked at."""
    if unix.original is unix.document or function.body is None:
        return function
    return context_at(unix.document, unix.here(function.body.start)).function


@dataclass(frozen=True)
class _Case:
    """What all parts of a review have in common."""

    document: Document
    function: Function
    request: ReviewRequest
    checks: Checks
    began: float

    @cached_property
    def admissible(self) -> Admissible:
        """Which changes may be right."""
        return Admissible(self.document, self.function, self.checks)

    @property
    def documented(self) -> bool:
        """Whether anything says what the function is for, beside its name."""
        return bool(documentation_of(self.document, self.function))

    @property
    def least(self) -> float:
        """The confidence that a finding must have."""
        return self.request.options.least_confidence

    @property
    def late(self) -> bool:
        seconds = self.request.options.seconds
        return seconds is not None and time.perf_counter() - self.began > seconds

    def on_one_line(self, one: Finding, other: Finding) -> bool:
        """Whether two findings begin on the same line."""
        return self.document.line_at(one.span.start) == self.document.line_at(other.span.start)

    def finding(self, edit: Edit, confidence: float) -> Finding:
        """That ``edit`` of the document would be right."""
        said = phrased(self.document, edit)
        severity = category(said.category).severity
        place = self.function.span, said.span
        return Finding(*place, said.category, severity, said.message, confidence, fix=said.fix)


async def _findings(case: _Case, engine: AsyncEngine) -> AsyncGenerator[Finding, None]:
    certain = evidence_in(case.document, case.function)
    for finding in await _unsaid(case, certain):
        yield finding
    tested = await examined(case.document, case.function, case.checks)
    excerpt = excerpt_of(case.document, case.function)
    parts = [] if case.late else [*excerpt.parts(case.request.options.tokens * CHARACTERS_PER_TOKEN)]
    if tested.told:
        # Of a function that is too long to be seen at once, a model could not tell which change is the likeliest.
        look = _look(case, excerpt, engine) if len(parts) == 1 else None
        try:
            refuted, trouble = await _refuted(case, tested, excerpt, look), None
        except EngineError as error:
            # What the examples say does not depend on a model.
            refuted, trouble = await _refuted(case, tested, excerpt, None), error
        yield refuted
        if trouble is not None:
            raise trouble
        return
    for part in parts:
        look = _look(case, part, engine)
        if look is None:
            return
        async for finding in _suspects(case, tested, part, look):
            if all(not case.on_one_line(finding, one) for one in certain):
                yield finding


async def _unsaid(case: _Case, certain: Sequence[Finding]) -> Sequence[Finding]:
    """What the project's own linters do not say of the same lines."""
    if not certain or case.checks.lint is None:
        return certain
    told = await case.checks.lint(case.request.document)
    return [finding for finding in certain if case.document.line_at(finding.span.start) not in told]


def _likely(gain: float) -> float:
    """How likely a change is right that gains so many nats."""
    return 1 / (1 + math.exp(min((_EVEN - gain) / _SPREAD, 700.0)))


def _look(case: _Case, excerpt: Excerpt, engine: AsyncEngine) -> SecondLook | None:
    """None where it is late, the model is not good for it, or its engine does not tell likelihoods."""
    row = case.request.row
    if case.late or "review" not in row.tasks or not row.serves.ask or not engine.ranks:
        return None
    return SecondLook(engine, excerpt, row.dialogues[row.serves.ask], row.stops, lambda: case.late)


def _edit(excerpt: Excerpt, edit: Edit) -> Edit:
    """A change of the body as the least change of the document."""
    return moved(least(excerpt.body, edit), excerpt.start)


async def _suspects(case: _Case, tested: Examined, excerpt: Excerpt, look: SecondLook) -> AsyncGenerator[Finding, None]:
    """What the model would change and nothing speaks against, the heaviest first, one change a place."""
    proposed = look.proposals(await look.read())
    edits = [edit async for edit in proposed if case.admissible.allows(moved(edit, excerpt.start))]
    taken: list[Edit] = []
    for weighed in sorted(await look.weighed(edits), key=lambda one: -one.gain):
        apart = not any(_touch(weighed.edit, other) for other in taken)
        confidence = await _confidence(case, tested, moved(weighed.edit, excerpt.start), weighed.gain) if apart else 0.0
        if apart and confidence >= case.least:
            taken.append(weighed.edit)
            yield case.finding(_edit(excerpt, weighed.edit), confidence)


async def _confidence(case: _Case, tested: Examined, change: Edit, gain: float) -> float:
    """How likely a change of that gain is right; what takes longest to know is looked at last, if it still matters."""
    gain -= (_PASSED if tested.passed else 0.0) + (0.0 if case.documented else _UNDOCUMENTED)
    if _likely(gain + _HELPS) < case.least:
        return 0.0
    gain += _HELPS if tested.open and await tested.helping([change]) else 0.0
    if _likely(gain) < case.least:
        return 0.0
    if (tested.passed and not await tested.helping([change])) or not await case.admissible.compiles(change):
        return 0.0
    return _likely(gain - (_UNSEEN if await tested.makes_no_difference(change) else 0.0))


def _touch(one: Edit, other: Edit) -> bool:
    """Whether two changes are of the same lines or of neighbours."""
    return one.span.start <= other.span.end and other.span.start <= one.span.end


async def _refuted(case: _Case, tested: Examined, excerpt: Excerpt, look: SecondLook | None) -> Finding:
    """The finding of a function whose examples do not hold, on what would make them hold where that is known."""
    small = [_lines(excerpt, edit) for edit in small_changes(case.document, case.function)]
    helping = await _helping(case, tested, excerpt, small)
    places: list[Doubt] = []
    if look is not None and len(helping) != 1:
        places = await look.read()
        grown = [edit async for edit in look.proposals(places)]
        helping = [*dict.fromkeys((*await _helping(case, tested, excerpt, grown), *helping))]
    if helping:
        plain = sorted(helping, key=lambda edit: size(excerpt.body, edit))
        best = plain[0] if look is None or len(plain) == 1 else await _likeliest(plain, look, excerpt)
        return _explained(tested, case.finding(_edit(excerpt, best), 1.0))
    offset = max(places, key=lambda doubt: doubt.weight).offset if places else 0
    return _unexplained(case, tested, excerpt.start + offset)


async def _helping(case: _Case, tested: Examined, excerpt: Excerpt, edits: Sequence[Edit]) -> list[Edit]:
    """Those of the changes of the body with which the examples hold."""
    sound = [one for edit in dict.fromkeys(edits) if case.admissible.parses(one := moved(edit, excerpt.start))]
    return [moved(edit, -excerpt.start) for edit in await tested.helping(sound)]


async def _likeliest(edits: Sequence[Edit], look: SecondLook, excerpt: Excerpt) -> Edit:
    """The change that the model finds likeliest."""
    doubted = sorted(edits, key=lambda edit: -look.surprise(least(excerpt.body, edit)))[:_WEIGHED]
    weighed = await look.weighed(doubted)
    return max(weighed, key=lambda one: one.gain).edit if weighed else edits[0]


def _lines(excerpt: Excerpt, edit: Edit) -> Edit:
    """A change of the document as one of whole lines of the body."""
    return whole_lines(excerpt.body, moved(edit, -excerpt.start))


def _explained(tested: Examined, finding: Finding) -> Finding:
    """The finding with what fails without its fix."""
    message = f"{tested.told}: {finding.message}"
    return replace(finding, category=_FAILING.name, severity=_FAILING.severity, message=message, related=tested.related)


def _unexplained(case: _Case, tested: Examined, offset: int) -> Finding:
    """What fails, on the line where it does; where that is not known, on the one that is most in doubt."""
    span = case.document.line_span(case.document.line_at(offset) if tested.line is None else tested.line)
    text = span.of(case.document.text)
    place = Span(span.end - len(text.lstrip()), span.start + len(text.rstrip()))
    return Finding(case.function.span, place, _FAILING.name, _FAILING.severity, f"{tested.told}.", 1.0, tested.related)
