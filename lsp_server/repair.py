"""What a function that is wrong may have to be: versions of it, those that change least before those that change more.

It proposes and never decides. It must never know of LSP, threads or disks.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import replace

from lsp_server.commission import Commission
from lsp_server.core.document import Document
from lsp_server.core.evidence import evidence_in
from lsp_server.core.finding import Edit, Finding, Fix
from lsp_server.core.instruction import REPAIR
from lsp_server.core.small_changes import small_changes
from lsp_server.opinions import examples_of
from lsp_server.trial.process import Verdict

_CALLERS = frozenset({"copied-struct"})
"""Kinds of findings whose fix would have to change those who call the function."""
_TOLD = 2
"""Examples that the model is told of."""
_WEIGHED = 16
"""Small changes that are weighed against one another."""


async def mended(work: Commission) -> Commission:
    """The same with all fixes made that need no model, where the function is no less sound with them."""
    document = work.frame.document
    edits = tuple(_apart(evidence_in(document, work.frame.function)))
    better = work.on(replace(document, text=Fix("", edits).applied(document.text))) if edits else None
    if better is None:
        return work
    before = await work.soundness(document)
    return better if await work.soundness(better.frame.document) >= before else work


def _apart(findings: tuple[Finding, ...]) -> Iterator[Edit]:
    """The edits of the fixes that do not touch one another."""
    end = -1
    for finding in findings:
        edits = finding.fix.edits if finding.fix and finding.category not in _CALLERS else ()
        if edits and min(edit.span.start for edit in edits) > end:
            end = max(edit.span.end for edit in edits)
            yield from edits


async def repairs(work: Commission) -> AsyncGenerator[Document, None]:
    """Versions of a function whose examples do not hold, for as long as there is time.

    First the small changes with which they do, as far as the model finds them likelier than what is there; then what
    it writes, told what goes wrong; then what it writes without having seen the body; then the other small changes.
    """
    small = await _weighed(work, await _holding(work))
    for change, gain in small:
        if gain > 0:
            yield change
    told = await _told(work)
    for request in REPAIR.requests:
        if not work.late and (version := await work.body(work.begun(work.asked(request, told)))) is not None:
            yield version
    for name in (work.row.serves.body, *work.row.serves.second_opinions):
        if not work.late and (version := await work.body(work.completing(name))) is not None:
            yield version
    for change, _ in small:
        yield change


async def _holding(work: Commission) -> list[Document]:
    """The small changes with which every example holds."""
    document, examples = work.frame.document, examples_of(work.frame.context)
    if work.checks.trials is None or not examples:
        return []
    versions = [document.edited(edit.span, edit.text) for edit in small_changes(document, work.frame.function)]
    verdicts = await work.checks.trials([version.text for version in versions], examples)
    return [version for version, one in zip(versions, verdicts, strict=True) if one.held == len(examples)]


async def _weighed(work: Commission, versions: Sequence[Document]) -> list[tuple[Document, float]]:
    """The versions, the likeliest first, with how much likelier than what is there the model finds each, in nats.

    It is asked as one that writes the function, and as one that mends it.
    """
    bodies = [_body(work, version) for version in (work.frame.document, *versions[:_WEIGHED])]
    if not versions or not work.engine.ranks:
        return [(version, 0.0) for version in versions]
    gains = [0.0] * len(bodies)
    for prompt in (work.completing(work.row.serves.body), work.begun(work.asked(REPAIR.requests[0]))):
        known, *scores = await work.engine.score(prompt, bodies)
        gains = [gain + score - known for gain, score in zip(gains, scores, strict=False)]
    return sorted(zip(versions, gains, strict=False), key=lambda row: row[1], reverse=True)


def _body(work: Commission, version: Document) -> str:
    """The body that the function has in ``version``, as the model would end it."""
    old, frame = work.frame.document.text, work.frame
    end = len(version.text) - (len(old) - frame.span.end) - len(frame.tail)
    body = version.text[frame.span.start + len(frame.head) : end]
    return f"{body.removeprefix(frame.target.lead)}{frame.tail}\n```"


async def _told(work: Commission) -> str:
    """What becomes of the first examples that do not hold, in words."""
    examples = examples_of(work.frame.context)
    verdict = Verdict(0, 0, 0)
    if work.checks.trial is not None and examples:
        verdict = await work.checks.trial(work.frame.document.text, examples)
    said = [f"`{one.example.call}` {one.instead}, not `{one.example.expected}`." for one in verdict.failures[:_TOLD]]
    return " ".join(said)
