"""The completion pipeline: document and offset in, suggestions and the reasons for them out.

Read top to bottom: context, target, prompt, answer, check. It must never know of LSP, threads or disks.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from lsp_server.core.alternatives import shorter_forms
from lsp_server.core.context import Context, Extent, Place
from lsp_server.core.document import Document, Span
from lsp_server.core.gaps import Missing, indent_of
from lsp_server.core.generation import Limits, Prompt
from lsp_server.core.languages import by_file_name, by_language_id
from lsp_server.core.names import Undefined, imports_for, undefined_in
from lsp_server.core.prompt import Budget, build, task_of
from lsp_server.core.suggestion import Suggestion
from lsp_server.core.syntax import adds_error, context_at
from lsp_server.core.target import Target, target_for
from lsp_server.engines.base import AsyncEngine
from lsp_server.generate import Generation, Written
from lsp_server.models.registry import Model
from lsp_server.opinions import Soundness, Trial, soundest, soundness
from lsp_server.weigh import Chosen, Gap, evidence_in, weighed_line


@dataclass(frozen=True)
class Options:
    """How much a completion may cost.

    ``seconds`` None: no deadline. ``candidates`` below 2: the first answer is taken.
    """

    max_tokens: int = 256
    seconds: float | None = None
    candidates: int = 2
    budget: Budget = field(default_factory=Budget)
    wide: bool = True
    """Whether to wait for more than a line where the model may end a longer text itself: not while typing."""

    @property
    def limits(self) -> Limits:
        """For the engine."""
        return Limits(self.max_tokens, self.seconds)


@dataclass(frozen=True)
class Request:
    """Complete ``document`` at ``offset`` with the model of ``row``."""

    document: Document
    offset: int
    row: Model
    options: Options = field(default_factory=Options)


@dataclass(frozen=True)
class Trace:
    """What was seen and done, for ``explain``, ``status`` and the benchmarks."""

    context: Context | None = None
    target: Target | None = None
    format: str = ""
    prompt: Prompt | None = None
    written: Written = field(default_factory=Written)


@dataclass(frozen=True)
class Outcome:
    """Suggestions, best first; where there is none, ``reason`` says why. ``reason`` never quotes the user's code."""

    suggestions: tuple[Suggestion, ...]
    reason: str
    trace: Trace


@dataclass(frozen=True)
class _Task:
    """A request with all that was found out before the model was asked."""

    request: Request
    context: Context
    target: Target
    engine: AsyncEngine
    on_text: Callable[[str], None] | None
    trial: Trial | None = None

    def prompt(self, name: str) -> Prompt:
        """The prompt in the model's format of that name."""
        row = self.request.row
        return build(self.context, self.target, row.formats[name], row.stops, self.request.options.budget)


async def complete(
    request: Request,
    engine: AsyncEngine,
    on_text: Callable[[str], None] | None = None,
    trial: Trial | None = None,
) -> Outcome:
    """Complete at one place.

    ``on_text`` is given the text that is certain as it grows; a second opinion may replace it in the end. ``trial``
    evaluates the examples of a docstring; without it they are not looked at.

    Raises:
        EngineError: the engine could not answer; the text says what to do.
    """
    document = request.document
    language = by_language_id(document.language_id) or by_file_name(document.uri)
    if language is None:
        return Outcome((), f"no support for the language {document.language_id!r}", Trace())
    if room := _room(document, request.offset):
        return _above(await complete(replace(request, document=room), engine, on_text, trial), room)
    context = context_at(document, request.offset)
    task = _Task(request, context, target_for(context), engine, on_text, trial)
    return _checked(context, await _answered(task))


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


async def _answered(task: _Task) -> Trace:
    """The first answer; for a body, what is sounder of further ones where the first cannot be right."""
    serves, options = task.request.row.serves, task.request.options
    first = await _asked(task, getattr(serves, task_of(task.target.extent)))
    if task.target.extent is not Extent.BODY:
        return first

    def ask(name: str) -> Awaitable[Trace]:
        return _asked(replace(task, on_text=None), name)

    def judge(trace: Trace) -> Awaitable[Soundness]:
        return soundness(task.context, _with_imports(task.context, trace), task.trial)

    others = serves.second_opinions if options.candidates > 1 else ()
    return await soundest(first, others, ask, judge)


async def _asked(task: _Task, name: str) -> Trace:
    """One answer in the format ``name``."""
    began = time.perf_counter()
    prompt = task.prompt(name)
    chosen = await _first_line(task)
    begun = chosen.line and chosen.line + "\n"
    target = _resolved(task.target, begun)
    generation = Generation(target, task.on_text, None if begun else _wider(task), began)
    if begun:
        generation.hear(begun, chosen.tokens)
    await generation.pull(task.engine, prompt.continued(begun), task.request.options.limits)
    return Trace(task.context, target, name, prompt, generation.written())


async def _first_line(task: _Task) -> Chosen:
    """The first line where it is worth being chosen before the rest is written; else nothing.

    That is so in front of other lines, which tell good ones from bad; and on a line without indentation, since what
    the model begins with says which block it continues.
    """
    target, options = task.target, task.request.options
    at_line_start = target.head.endswith("\n") and not target.lead and target.after[:1] in ("", "\n")
    if not task.context.function or not at_line_start or target.extent not in (Extent.STATEMENT, Extent.BLOCK):
        return Chosen("", 0)
    proposing = task.request.row.serves.weighed[: options.candidates] if evidence_in(target.after) else ()
    if len(proposing) < 2:
        if target.typed:
            return Chosen("", 0)
        proposing = (task.request.row.serves.statement,)
    prompts = [task.prompt(name) for name in proposing]
    gap = Gap(prompts, task.prompt("code"), Missing(task.context, target))
    return await weighed_line(task.engine, gap, options.limits)


def _wider(task: _Task) -> Target | None:
    """In the middle of code, on request, more than the line: what a gap needs may be several lines."""
    wanted = task.context.place in (Place.LINE_END, Place.MID_LINE) and task.context.function
    return replace(task.target, extent=Extent.BLOCK) if wanted and task.request.options.wide else None


def _resolved(target: Target, begun: str) -> Target:
    """On a line where the user has typed no indentation, the chosen line says which block it belongs to."""
    if not begun or target.typed:
        return target
    return replace(target, indent=indent_of(begun))


def _undefined(context: Context, trace: Trace) -> Undefined:
    text = trace.written.text
    document = context.document.edited(Span(context.offset, context.offset), text)
    return undefined_in(context.language, document.text, Span(context.offset, context.offset + len(text)))


def _fits(context: Context, text: str) -> bool:
    return not adds_error(context.document, Span(context.offset, context.offset), text)


def _is_next_line(context: Context, trace: Trace) -> bool:
    """Whether all that was written on an empty line is the next line once more."""
    target = trace.target
    return target is not None and target.head[-1:] in ("", "\n") and Missing(context, target).has(trace.written.text)


def _checked(context: Context, trace: Trace) -> Outcome:
    """Show nothing that is blank or that would break the file."""
    text = trace.written.text
    if not text.strip():
        return Outcome((), f"the model had nothing to add ({trace.written.rule})", trace)
    if _is_next_line(context, trace):
        return Outcome((), "the model wrote the line that follows already", trace)
    text = _with_imports(context, trace).replace("\n", context.document.newline)
    if not _fits(context, text):
        return Outcome((), "what the model wrote does not parse here", trace)
    here = Span(context.offset, context.offset)
    texts = (text, *shorter_forms(context, text))
    return Outcome(tuple(Suggestion(here, each, trace.written.rule) for each in texts), "", trace)


def _with_imports(context: Context, trace: Trace) -> str:
    """The text, for a function's body with the imports of standard modules it uses and nobody imported."""
    text, target = trace.written.text, trace.target
    if target is None or target.extent is not Extent.BODY:
        return text
    modules = _undefined(context, trace).modules
    if not modules or not text.strip():
        return text
    lead = target.lead if text.startswith(target.lead) else ""
    typed = "" if lead else target.typed
    body = typed + text[len(lead) :]
    first = next(line for line in body.split("\n") if line.strip())
    return lead + (imports_for(modules, indent_of(first)) + body).removeprefix(typed)
