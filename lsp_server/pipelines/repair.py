"""What a function that is wrong may have to be: versions of it, those that change least before those that change more.

It proposes and never decides. It must never know of LSP, threads or disks.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from dataclasses import replace

from lsp_server.core.document import Document
from lsp_server.core.evidence import evidence_in
from lsp_server.core.finding import Edit, Finding, Fix
from lsp_server.core.instruction import REPAIR
from lsp_server.pipelines.commission import Commission
from lsp_server.pipelines.counterexamples import examined
from lsp_server.pipelines.review import CAUTIOUS, ReviewOptions, ReviewRequest, review

_CALLERS = frozenset({"copied-struct"})
"""Kinds of findings whose fix would have to change those who call the function."""


async def mended(work: Commission) -> Commission:
    """The same with all fixes made that need no model, where the function is no less sound with them."""
    document = work.frame.document
    fixed = _fixed(document, evidence_in(document, work.frame.function))
    better = work.on(fixed) if fixed else None
    if better is None:
        return work
    before = await work.soundness(document)
    return better if await work.soundness(better.frame.document) >= before else work


def _fixed(document: Document, findings: Iterable[Finding]) -> Document | None:
    """The document with the fixes of the findings; None where there are none."""
    edits = tuple(_apart(findings))
    return replace(document, text=Fix("", edits).applied(document.text)) if edits else None


def _apart(findings: Iterable[Finding]) -> Iterator[Edit]:
    """The edits of the fixes that do not touch one another."""
    end = -1
    for finding in sorted(findings, key=lambda finding: finding.span.start):
        edits = finding.fix.edits if finding.fix and finding.category not in _CALLERS else ()
        if edits and min(edit.span.start for edit in edits) > end:
            end = max(edit.span.end for edit in edits)
            yield from edits


async def reviewed(work: Commission, least_confidence: float = CAUTIOUS) -> Document | None:
    """The function as a review that is so confident would have it; None where that has nothing to change."""
    options = ReviewOptions(work.left, least_confidence)
    request = ReviewRequest(work.frame.document, work.frame.function, work.row, options)
    async with aclosing(review(request, work.engine, work.checks)) as findings:
        return _fixed(work.frame.document, [finding async for finding in findings])


async def repairs(work: Commission) -> AsyncGenerator[Document, None]:
    """Versions of a function that is known to be wrong, for as long as there is time.

    What a review would change comes first where the model finds it likelier than what is there, else last: a change
    may be right by chance where there are few examples. Between are what the model writes, told what goes wrong, and
    what it writes without having seen the body.
    """
    change = await reviewed(work)
    if change is not None and await _is_likelier(work, change):
        yield change
    told = (await examined(work.frame.document, work.frame.function, work.checks)).told
    for request in REPAIR.requests:
        if not work.late and (version := await work.body(work.begun(work.asked(request, told)))) is not None:
            yield version
    for name in (work.row.serves.body, *work.row.serves.second_opinions):
        if not work.late and (version := await work.body(work.completing(name))) is not None:
            yield version
    if change is not None:
        yield change


async def _is_likelier(work: Commission, version: Document) -> bool:
    """Whether the model, not shown what is there, finds the function's body likelier so."""
    if not work.engine.ranks:
        return True
    bodies = [_body(work, document) for document in (work.frame.document, version)]
    known, changed = await work.engine.score(work.completing(work.row.serves.body), bodies)
    return changed > known


def _body(work: Commission, version: Document) -> str:
    """The body that the function has in ``version``, as the model would end it."""
    old, frame = work.frame.document.text, work.frame
    end = len(version.text) - (len(old) - frame.span.end) - len(frame.tail)
    body = version.text[frame.span.start + len(frame.head) : end]
    return f"{body.removeprefix(frame.target.lead)}{frame.tail}\n```"
