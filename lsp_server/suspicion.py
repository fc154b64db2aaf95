"""The line of a function that the model would by far rather have otherwise, where nothing else tells that it is wrong.

It proposes and never decides. It must never know of LSP, threads or disks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from lsp_server.commission import Commission
from lsp_server.core.generation import Limits, Prompt
from lsp_server.core.scanning import without_comments

_WIDTH = 3
"""Likeliest lines asked for where one stands."""
_LINE_TOKENS = 64
_MOST = 4
"""Departures of which the whole body is weighed."""


@dataclass(frozen=True)
class Departure:
    """The body with one line otherwise, which is likelier than what is there by ``gain`` nats."""

    body: str
    gain: float


async def likeliest(work: Commission) -> Departure | None:
    """The departure after which the body as a whole is likelier, by ``gain`` nats."""
    if not work.engine.ranks:
        return None
    lead, prompt = work.frame.target.lead, work.completing(work.row.serves.body)
    bodies = [departure.body for departure in (await _departures(work, prompt))[:_MOST]]
    if not bodies:
        return None
    known, *scores = await work.engine.score(prompt, [body.removeprefix(lead) for body in (work.frame.body, *bodies)])
    score, body = max(zip(scores, bodies, strict=True))
    return Departure(body, score - known)


async def _departures(work: Commission, prompt: Prompt) -> list[Departure]:
    """Where the model, not shown the body, would write another line than there is, or one more; the surest first."""
    body = work.frame.body
    code = without_comments(work.frame.context.language, body, 0, len(body)).split("\n")
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
