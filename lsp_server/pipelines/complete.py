"""The completion pipeline: document and offset in, suggestions and the reasons for them out.

Read top to bottom: context, target, answer, check; how the answer is made is in `answers`. It must never know of LSP,
threads or disks.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import replace

from lsp_server.core.alternatives import shorter_forms
from lsp_server.core.context import NOTHING_FAR, Context, Extent
from lsp_server.core.document import Document, Span
from lsp_server.core.gaps import Missing, repeats_following
from lsp_server.core.nearby import REACH, nearby
from lsp_server.core.rooms import Room, room_at
from lsp_server.core.suggestion import Suggestion
from lsp_server.core.syntax import adds_error, context_at, language_of
from lsp_server.core.target import target_for
from lsp_server.engines.base import AsyncEngine
from lsp_server.pipelines.answers import Task, alternatives, answered, with_imports
from lsp_server.pipelines.glimpse import Glimpses
from lsp_server.pipelines.opinions import Checks
from lsp_server.pipelines.request import Outcome, Request, Trace, Writer

_UNCHECKED = Checks()
_MOST = 3
"""Different suggestions that somebody may choose from."""


async def complete(
    request: Request,
    engine: AsyncEngine,
    on_text: Callable[[str], None] | None = None,
    checks: Checks = _UNCHECKED,
    functions: Writer | None = None,
) -> Outcome:
    """Complete at one place.

    ``on_text`` is given the text that is certain as it grows; a second opinion may replace it in the end.
    ``checks`` may be asked what is wrong with an answer. ``functions`` writes whole functions in place of the request's
    model and ``engine``.

    Raises:
        EngineError: the engine could not answer; the text says what to do.
    """
    document, offset = request.document, request.offset
    language = language_of(document)
    if language is None:
        return Outcome((), f"no support for the language {document.language_id!r}", Trace())
    reach = max(request.options.budget.prefix + _BESIDE, REACH)
    near = None if request.options.patient else nearby(language, document, offset, reach)
    if near is not None:
        here = Span(offset, offset)
        inside = replace(request, document=near.document, offset=near.offset, far=near.far)
        inside = _telling(inside, lambda one: replace(one, span=here))
        with suppress(_FarCountsError):
            outcome = await _completed(inside, engine, on_text, checks, functions)
            return replace(outcome, suggestions=tuple(replace(one, span=here) for one in outcome.suggestions))
    return await _completed(request, engine, on_text, checks, functions)


_BESIDE = 1000
"""Characters before those that may be in a prompt, which tell how to read them."""


class _FarCountsError(Exception):
    """A whole function is to be written: it may use what was left out, and is held against it."""


def _telling(request: Request, seen: Callable[[Suggestion], Suggestion]) -> Request:
    """The request, whose lines so far are told as they are ``seen`` from where it came from."""
    on_lines = request.on_lines
    return replace(request, on_lines=lambda lines: on_lines(seen(lines))) if on_lines else request


async def _completed(
    request: Request,
    engine: AsyncEngine,
    on_text: Callable[[str], None] | None,
    checks: Checks,
    functions: Writer | None,
) -> Outcome:
    document = request.document
    if room := _room(document, request.offset):
        # That is one line, of which nothing is told before it is whole.
        inside = replace(request, document=room, on_lines=None)
        return _above(await _completed(inside, engine, on_text, checks, functions), room)
    if made := room_at(document, request.offset, at_end=request.options.patient):
        here, lead = Span(request.offset, request.offset), made.lead
        inside = replace(request, document=made.document, offset=made.offset)
        inside = _telling(inside, lambda one: replace(one, span=here, text=lead + one.text))
        hear = on_text and _hearing(on_text, made.lead)
        return _filled(await _completed(inside, engine, hear, checks, functions), made, request.offset)
    began = time.perf_counter()
    context = replace(context_at(document, request.offset), far=request.far)
    target = target_for(context)
    if request.far is not NOTHING_FAR and (target.asked or target.extent in (Extent.BODY, Extent.DEFINITION)):
        raise _FarCountsError
    if functions and target.extent is Extent.BODY:
        request, engine = replace(request, row=functions.row), functions.engine
    if request.on_lines:
        on_text = _by_both(on_text, Glimpses(context, target, request.on_lines).hear)
    task = Task(request, context, target, engine, began, on_text=on_text, checks=checks)
    if request.options.alternatives:
        return await _several(task)
    trace = await answered(task)
    outcome = _checked(context, trace)
    return _with_others(outcome, trace) if request.options.patient else outcome


def _with_others(outcome: Outcome, trace: Trace) -> Outcome:
    """The outcome with what was weighed against it anyway, for somebody who may look for something else."""
    context = trace.context
    if context is None or not outcome.suggestions:
        return outcome
    here, rule = Span(context.offset, context.offset), trace.written.rule
    known = {one.text.strip() for one in outcome.suggestions}
    texts = (text.replace("\n", context.document.newline) for text in trace.others)
    found = (
        Suggestion(here, text, rule) for text in texts if text.strip() not in {"", *known} and _fits(context, text)
    )
    return replace(outcome, suggestions=(*outcome.suggestions, *found)[:_MOST])


async def _several(task: Task) -> Outcome:
    """Different answers instead of the best one and its shorter forms; what is late is not waited for."""
    found: dict[str, Suggestion] = {}
    outcome = Outcome((), "there is nothing else to suggest", Trace(task.context, task.target))
    async with aclosing(alternatives(task)) as traces:
        async for trace in traces:
            outcome = _checked(task.context, trace)
            found.update((one.text.strip(), one) for one in outcome.suggestions[:1] if one.text.strip() not in found)
            if len(found) >= task.request.options.alternatives or task.late:
                break
    return replace(outcome, suggestions=tuple(found.values()), reason="" if found else outcome.reason)


def _room(document: Document, offset: int) -> Document | None:
    """The document with an empty line at a cursor that stands in front of a whole line, else None."""
    line = document.line_span(document.line_at(offset))
    if offset != line.start or not line.of(document.text).strip():
        return None
    return document.edited(Span(offset, offset), document.newline)


def _above(outcome: Outcome, room: Document) -> Outcome:
    """What belongs above the line that the cursor stands in front of, with a line end of its own."""
    lines = (replace(one, text=one.text + room.newline) for one in outcome.suggestions)
    return replace(outcome, suggestions=tuple(lines))


def _filled(outcome: Outcome, room: Room, offset: int) -> Outcome:
    """What was written in a room, seen from where the cursor stands."""
    here = Span(offset, offset)
    filled = (replace(one, span=here, text=room.filled(one.text)) for one in outcome.suggestions)
    return replace(outcome, suggestions=tuple(filled))


def _by_both(on_text: Callable[[str], None] | None, other: Callable[[str], None]) -> Callable[[str], None]:
    def hear(text: str) -> None:
        if on_text:
            on_text(text)
        other(text)

    return hear


def _hearing(on_text: Callable[[str], None], lead: str) -> Callable[[str], None]:
    """``on_text``, given ``lead`` before the first text."""
    first = [lead]

    def hear(text: str) -> None:
        on_text("".join(first) + text)
        first.clear()

    return hear


def _fits(context: Context, text: str) -> bool:
    return not adds_error(context.document, Span(context.offset, context.offset), text)


def _is_next_line(context: Context, trace: Trace) -> bool:
    """Whether all that was written on an empty line is the next line once more."""
    target = trace.target
    return target is not None and target.head[-1:] in ("", "\n") and Missing(context, target).has(trace.written.text)


def _holds_next_line(trace: Trace) -> bool:
    """Whether what a comment asks for came together with the line that follows it."""
    target = trace.target
    return target is not None and target.extent is Extent.PASSAGE and repeats_following(target, trace.written.text)


def _checked(context: Context, trace: Trace) -> Outcome:
    """Show nothing that is blank or that would break the file."""
    text = trace.written.text
    if not text.strip():
        return Outcome((), f"the model had nothing to add ({trace.written.rule})", trace)
    if _is_next_line(context, trace) or _holds_next_line(trace):
        return Outcome((), "the model wrote the line that follows already", trace)
    text = with_imports(context, trace).replace("\n", context.document.newline)
    if not _fits(context, text):
        return Outcome((), "what the model wrote does not parse here", trace)
    here = Span(context.offset, context.offset)
    texts = (text, *shorter_forms(context, text))
    return Outcome(tuple(Suggestion(here, each, trace.written.rule) for each in texts), "", trace)
