"""What a function that is wrong may have to be: versions of it, those that change least before those that change more.

It proposes and never decides. It must never know of LSP, threads or disks.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, replace

from lsp_server.commission import Commission
from lsp_server.core.document import Document
from lsp_server.core.evidence import evidence_in
from lsp_server.core.finding import Edit, Finding
from lsp_server.core.generation import Limits, Prompt
from lsp_server.core.instruction import REPAIR
from lsp_server.core.scanning import without_comments

_CALLERS = frozenset({"copied-struct"})
"""Kinds of findings whose fix would have to change those who call the function."""
_WIDTH = 3
"""Likeliest lines asked for where one stands."""
_LINE_TOKENS = 64
_MOST = 12
"""Departures that are tried."""


@dataclass(frozen=True)
class Departure:
    """The body with one line otherwise, which is likelier than what is there by ``gain`` nats."""

    body: str
    gain: float


async def mended(work: Commission) -> Commission:
    """The same with all fixes made that need no model, where the function is no less sound with them."""
    document = work.frame.document
    edits = tuple(_apart(evidence_in(document, work.frame.function)))
    better = work.on(replace(document, text=_edited(document.text, edits))) if edits else None
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


def _edited(text: str, edits: tuple[Edit, ...]) -> str:
    for edit in sorted(edits, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


async def repairs(work: Commission) -> AsyncGenerator[Document, None]:
    """Versions of the function, for as long as there is time."""
    for request in REPAIR.requests:
        if not work.late and (version := await work.body(work.begun(work.asked(request)))) is not None:
            yield version
    if work.engine.ranks and not work.late:
        for departure in (await departures(work))[:_MOST]:
            yield work.with_body(departure.body)
    for name in (work.row.serves.body, *work.row.serves.second_opinions):
        if not work.late and (version := await work.body(work.completing(name))) is not None:
            yield version


async def departures(work: Commission) -> list[Departure]:
    """Where the model, not shown the body, would write another line than there is, or one more; the surest first."""
    body = work.frame.body
    code = without_comments(work.frame.context.language, body, 0, len(body)).split("\n")
    prompt = work.completing(work.row.serves.body)
    found: list[Departure] = []
    for number, bare in enumerate(code):
        if number and bare.strip() and not work.late:
            found += await _at(work, prompt, number)
    return sorted(found, key=lambda departure: departure.gain, reverse=True)


async def _at(work: Commission, prompt: Prompt, number: int) -> list[Departure]:
    """The same body with another line for the one of that number, and with one more in front of it."""
    lines = work.frame.body.split("\n")
    above = "\n".join([*lines[:number], ""])
    begun = prompt.continued(above.removeprefix(work.frame.target.lead))
    limits = Limits(_LINE_TOKENS, work.left)
    branches = await work.engine.branches(replace(begun, stops=(*prompt.stops, "\n")), _WIDTH, limits)
    (known,) = await work.engine.score(begun, [lines[number]])
    found = []
    for branch in branches:
        line, gain = branch.text.rstrip(), branch.log_probability - known
        if line.strip() and line != lines[number].rstrip():
            rests = (lines[number + 1 :], lines[number:])
            found += [Departure(above + "\n".join([line, *rest]), gain) for rest in rests]
    return found


async def likeliest(work: Commission, most: int = 4) -> Departure | None:
    """The departure after which the body as a whole is likelier, by ``gain`` nats."""
    bodies = [departure.body for departure in (await departures(work))[:most]] if work.engine.ranks else []
    if not bodies:
        return None
    lead = work.frame.target.lead
    prompt = work.completing(work.row.serves.body)
    known, *scores = await work.engine.score(prompt, [body.removeprefix(lead) for body in (work.frame.body, *bodies)])
    score, body = max(zip(scores, bodies, strict=True))
    return Departure(body, score - known)
