"""How an answer is made: which prompts are asked for a place, and what is asked next where the answer cannot be right.

It must never know of LSP, threads or disks.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from lsp_server.core.context import Context, Extent, Place
from lsp_server.core.gaps import Missing, indent_of
from lsp_server.core.generation import Prompt
from lsp_server.core.names import Insertion, Undefined, imports_for, undefined_in
from lsp_server.core.prompt import build, task_of
from lsp_server.core.target import Target
from lsp_server.engines.base import AsyncEngine
from lsp_server.pipelines.generate import Generation
from lsp_server.pipelines.opinions import Checks, Soundness, soundest, soundness
from lsp_server.pipelines.request import Request, Trace
from lsp_server.pipelines.weigh import Begun, Gap, departures, evidence_in, further_lines, weighed_lines

_NOTHING = Begun()
_UNCHECKED = Checks()
_STATEMENTS = (Extent.STATEMENT, Extent.PASSAGE, Extent.BLOCK)
_DOUBTFUL_PLACES = (Place.EMPTY_BODY, Place.STATEMENT_START, Place.LINE_END, Place.MID_LINE, Place.TOP_LEVEL)
"""Where it can be known that an answer is wrong: no comment is."""


@dataclass(frozen=True)
class Task:
    """A request with all that was found out before the model was asked; it ``began`` then (`time.perf_counter`).

    ``wider`` is what else the answer may be read as (see `Generation`). ``on_text`` hears the text that is certain as
    it grows. ``checks`` may be asked what is wrong with an answer.
    """

    request: Request
    context: Context
    target: Target
    engine: AsyncEngine
    began: float
    wider: Target | None = None
    on_text: Callable[[str], None] | None = None
    checks: Checks = _UNCHECKED

    def prompt(self, name: str) -> Prompt:
        """The prompt in the model's format of that name."""
        row, options = self.request.row, self.request.options
        whole = options.patient or self.target.extent in (Extent.BODY, Extent.DEFINITION)
        budget = options.budget if whole else replace(options.budget, declared_tokens=0)
        return build(self.context, self.target, row.formats[name], row.stops, budget, parted=self.request.parted)

    @property
    def format(self) -> str:
        """The name of the format that serves what is to be written."""
        return str(getattr(self.request.row.serves, task_of(self.target.extent)))

    @property
    def formats(self) -> tuple[str, ...]:
        """The names of all formats for what a comment asks for."""
        return self.request.row.serves.comments or (self.format,)

    @property
    def late(self) -> bool:
        """The time that the request may take is over."""
        seconds = self.request.options.seconds
        return seconds is not None and time.perf_counter() - self.began > seconds

    @property
    def may_doubt(self) -> bool:
        """Whether an answer that cannot be right is worth the time of another one."""
        options = self.request.options
        extent = self.target.extent
        worth = options.candidates > 1 and (options.patient or extent in (Extent.BODY, Extent.DEFINITION))
        known = self.context.function is not None or self.target.asked
        return worth and known and self.context.place in _DOUBTFUL_PLACES


async def answered(task: Task) -> Trace:
    """The first answer; where that cannot be right, and there is time for it, what is sounder of further ones.

    Raises:
        EngineError: the engine could not answer; the text says what to do.
    """
    tokens = 0

    def judge(trace: Trace) -> Awaitable[Soundness]:
        nonlocal tokens
        tokens += trace.written.usage.generated_tokens
        return _judged(task, trace)

    answers = _answers(task)
    async with aclosing(answers):
        if not task.may_doubt:
            return await anext(answers)
        best = await soundest(answers, judge)
        return _having_cost(best, tokens, time.perf_counter() - task.began)


async def alternatives(task: Task) -> AsyncGenerator[Trace, None]:
    """Answers that may be right, the likeliest first, as far as they are pulled; the same may come twice.

    Raises:
        EngineError: the engine could not answer; the text says what to do.
    """
    async with aclosing(_answers(task)) as answers:
        async for trace in answers:
            if not (await _judged(task, trace)).doubtful:
                yield trace
    if task.target.extent is Extent.BODY and not task.late:
        for begun in await departures(task.engine, task.prompt(task.format), task.request.options.limits):
            trace = await _asked(replace(task, on_text=None), task.format, begun)
            if not (await _judged(task, trace)).doubtful:
                yield trace


def _judged(task: Task, trace: Trace) -> Awaitable[Soundness]:
    return soundness(task.context, task.target, with_imports(task.context, trace), task.checks)


def _answers(task: Task) -> AsyncGenerator[Trace, None]:
    """Answers of the kind that suits what is to be written; while somebody types, statements are not waited for."""
    if task.target.extent is Extent.BODY:
        return _bodies(task)
    waits = task.request.options.patient or task.target.extent is Extent.DEFINITION
    return _wishes(task) if task.target.asked and waits else _fillings(task)


def _having_cost(trace: Trace, tokens: int, seconds: float) -> Trace:
    """The trace with what all answers cost together."""
    usage = replace(trace.written.usage, generated_tokens=tokens)
    return replace(trace, written=replace(trace.written, usage=usage, total_seconds=seconds))


async def _bodies(task: Task) -> AsyncGenerator[Trace, None]:
    """The function's body, in one format after the other; only the first is heard while it is written."""
    yield await _asked(task, task.format)
    for name in task.request.row.serves.second_opinions:
        if task.late:
            break
        yield await _asked(replace(task, on_text=None), name)


async def _wishes(task: Task) -> AsyncGenerator[Trace, None]:
    """What a comment asks for, in one format after the other; statements then line by line, as where no comment is.

    Only the first is heard while it is written.
    """
    for number, name in enumerate(task.formats):
        if number and task.late:
            return
        yield await _asked(replace(task, wider=_wider(task), on_text=None if number else task.on_text), name)
    if not task.late and task.context.function is not None:
        async with aclosing(_fillings(replace(task, on_text=None))) as answers:
            async for answer in answers:
                yield answer


def _fillings(task: Task) -> AsyncGenerator[Trace, None]:
    """What may be meant at a place in the middle of code, the likeliest first."""
    gap = _gap(task)
    return _texts(replace(task, wider=_wider(task))) if gap is None else _lines(task, gap)


async def _texts(task: Task) -> AsyncGenerator[Trace, None]:
    """What the model writes, then what else it finds likely; only the first is heard while it is written."""
    yield await _asked(task, task.format)
    if task.late:
        return
    quiet = replace(task, on_text=None, wider=None)
    for begun in await departures(task.engine, task.prompt(task.format), task.request.options.limits):
        yield await _asked(quiet, task.format, begun)


async def _lines(task: Task, gap: Gap) -> AsyncGenerator[Trace, None]:
    """What begins with the line that suits best, then with others; only the first is heard while it is written.

    After the lines that were weighed, what the model writes where it may be more than one line; then other lines.
    """
    limits = task.request.options.limits
    quiet = replace(task, on_text=None)
    lines = await weighed_lines(task.engine, gap, limits, hasty=not task.request.options.patient)
    for number, begun in enumerate(lines):
        trace = await _asked(_on_line(quiet if number else task, begun), task.format, begun)
        choosing = task.request.options.patient and not number
        yield replace(trace, others=_others(quiet, gap, lines[1:])) if choosing else trace
    if not lines or not task.late:
        yield await _asked(replace(quiet if lines else task, wider=_wider(task)), task.format)
    if not task.late:
        for begun in await further_lines(task.engine, gap, lines, limits):
            yield await _asked(_on_line(quiet, begun), task.format, begun)


def _others(task: Task, gap: Gap, lines: Sequence[Begun]) -> tuple[str, ...]:
    """Lines that could be taken as they are instead of the best one; of those that must be gone on with none is."""
    made = []
    for line in lines:
        generation = Generation(_on_line(task, line).target)
        generation.hear(line.text)
        if generation.done and gap.missing.parses(line.text.rstrip()) and not gap.missing.unbound(line.text.rstrip()):
            made.append(generation.written().text)
    return tuple(made)


async def _asked(task: Task, name: str, begun: Begun = _NOTHING) -> Trace:
    """One answer in the format ``name``, which begins so."""
    prompt = task.prompt(name)
    generation = Generation(task.target, task.on_text, task.wider, task.began)
    generation.hear(begun.text, begun.tokens)
    await generation.pull(task.engine, prompt.continued(begun.text), task.request.options.limits)
    return Trace(task.context, task.target, name, prompt, generation.written())


def _on_line(task: Task, begun: Begun) -> Task:
    """On a line where the user has typed no indentation, the chosen line says which block it belongs to."""
    if task.target.typed:
        return task
    return replace(task, target=replace(task.target, indent=indent_of(begun.text)))


def _gap(task: Task) -> Gap | None:
    """The first line as a gap, where it is worth being chosen before the rest is written; else None.

    That is so in front of other lines, which tell good ones from bad (while somebody types, of the same block only:
    where a function is being written, the next one says little of its last line); and on a line without indentation,
    since what the model begins with says which block it continues.
    """
    target, options = task.target, task.request.options
    at_line_start = target.head.endswith("\n") and not target.lead and target.after[:1] in ("", "\n")
    if not task.context.function or not at_line_start or target.extent not in _STATEMENTS:
        return None
    follows = options.patient or (target.extent is not Extent.BLOCK and _goes_on(target))
    weighable = task.engine.ranks and follows and evidence_in(target.after)
    proposing = task.request.row.serves.weighed[: options.candidates] if weighable else ()
    if len(proposing) < 2:
        if target.typed:
            return None
        proposing = (task.request.row.serves.statement,)
    prompts = [task.prompt(name) for name in proposing]
    return Gap(prompts, task.prompt("code"), Missing(task.context, target))


def _goes_on(target: Target) -> bool:
    """Whether the next line that says something belongs to the same block, or to one in it."""
    following = next(filter(str.strip, target.after.split("\n")[1:]), "")
    return len(indent_of(following)) >= len(target.typed)


def _wider(task: Task) -> Target | None:
    """In the middle of code, on request, more than the line: what a gap needs may be several lines."""
    wanted = task.context.function and task.request.options.patient and task.target.extent is not Extent.BLOCK
    code = task.context.place in (Place.LINE_END, Place.MID_LINE, Place.STATEMENT_START)
    return replace(task.target, extent=Extent.BLOCK) if wanted and code else None


def with_imports(context: Context, trace: Trace) -> str:
    """The text, for more than a statement with the imports of standard modules it uses and nobody imported.

    A method has no place for them.
    """
    text, target = trace.written.text, trace.target
    if target is None or not (target.extent is Extent.BODY or target.asked):
        return text
    if target.extent is Extent.DEFINITION and target.indent:
        return text
    modules = _undefined(context, trace).modules
    if not modules or not text.strip():
        return text
    lead = target.lead if text.startswith(target.lead) else ""
    typed = "" if lead else target.typed
    body = typed + text[len(lead) :]
    first = next(line for line in body.split("\n") if line.strip())
    apart = "\n\n" if target.extent is Extent.DEFINITION else ""
    return lead + (imports_for(modules, indent_of(first)) + apart + body).removeprefix(typed)


def _undefined(context: Context, trace: Trace) -> Undefined:
    return undefined_in(context.language, Insertion(context.document.text, context.offset, trace.written.text))
