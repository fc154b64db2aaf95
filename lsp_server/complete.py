"""The completion pipeline: document and offset in, suggestions and the reasons for them out.

Read top to bottom: context, target, prompt, pieces, truncation, check. It must never know of LSP, threads or disks.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from lsp_server.core.context import Context
from lsp_server.core.document import Document, Span
from lsp_server.core.formats import Format
from lsp_server.core.generation import Limits, Prompt, Usage
from lsp_server.core.languages import by_file_name, by_language_id
from lsp_server.core.prompt import Budget, build, task_of
from lsp_server.core.suggestion import Suggestion
from lsp_server.core.syntax import adds_error, context_at
from lsp_server.core.target import Target, target_for
from lsp_server.core.truncation import Truncation
from lsp_server.engines.base import AsyncEngine
from lsp_server.models.registry import Model


@dataclass(frozen=True)
class Options:
    """How much a completion may cost. ``seconds`` None means no deadline; ``candidates`` 0 means the first answer is taken."""

    max_tokens: int = 256
    seconds: float | None = None
    candidates: int = 3
    budget: Budget = field(default_factory=Budget)


@dataclass(frozen=True)
class Request:
    """Complete ``document`` at ``offset`` with the model of ``row``."""

    document: Document
    offset: int
    row: Model
    options: Options = field(default_factory=Options)


@dataclass(frozen=True)
class Trace:
    """What was seen and done, for ``explain``, ``status`` and the benchmarks. Times are seconds since the request."""

    context: Context | None = None
    target: Target | None = None
    format: str = ""
    prompt: Prompt | None = None
    raw: str = ""
    rule: str = ""
    usage: Usage = field(default_factory=Usage)
    first_piece_seconds: float = 0.0
    total_seconds: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """Suggestions, best first; where there is none, ``reason`` says why. ``reason`` never quotes the user's code."""

    suggestions: tuple[Suggestion, ...]
    reason: str
    trace: Trace


async def complete(request: Request, engine: AsyncEngine, on_text: Callable[[str], None] | None = None) -> Outcome:
    """Complete at one place. ``on_text`` is given the text that is certain as it grows.

    Raises:
        EngineError: the engine could not answer; the text says what to do.
    """
    document = request.document
    language = by_language_id(document.language_id) or by_file_name(document.uri)
    if language is None:
        return Outcome((), f"no support for the language {document.language_id!r}", Trace())
    context = context_at(document, request.offset)
    target = target_for(context)
    name = getattr(request.row.serves, task_of(target.extent))
    prompt = build(context, target, request.row.formats[name], request.row.stops, request.options.budget)
    trace = Trace(context=context, target=target, format=name, prompt=prompt)
    text, trace = await _generate(request, target, prompt, engine, on_text, trace)
    return _checked(context, text, trace)


async def _generate(
    request: Request,
    target: Target,
    prompt: Prompt,
    engine: AsyncEngine,
    on_text: Callable[[str], None] | None,
    trace: Trace,
) -> tuple[str, Trace]:
    """Pull pieces until the construct is complete; the engine stops when the loop is left."""
    began = time.perf_counter()
    truncation = Truncation(target)
    raw: list[str] = []
    ended, usage, first = "", Usage(), 0.0
    limits = Limits(request.options.max_tokens, request.options.seconds)
    async with aclosing(engine.stream(prompt, limits)) as pieces:  # type: ignore[type-var]
        async for piece in pieces:
            usage, ended = piece.usage or usage, piece.ended
            if piece.text and not raw:
                first = time.perf_counter() - began
            raw.append(piece.text)
            certain = truncation.feed(piece.text)
            if certain and on_text:
                on_text(certain)
            if truncation.done:
                break
    result = truncation.finish(ended)
    usage = replace(usage, generated_tokens=max(usage.generated_tokens, len(raw) - 1))
    total = time.perf_counter() - began
    done = replace(
        trace, raw="".join(raw), rule=result.rule, usage=usage, first_piece_seconds=first, total_seconds=total
    )
    return result.text, done


def _checked(context: Context, text: str, trace: Trace) -> Outcome:
    """Show nothing that is blank or that would break the file."""
    document = context.document
    span = Span(context.offset, context.offset)
    inserted = text.replace("\n", document.newline) if document.newline != "\n" else text
    if not inserted.strip():
        return Outcome((), f"the model had nothing to add ({trace.rule})", trace)
    if adds_error(document, span, inserted):
        return Outcome((), "what the model wrote does not parse here", trace)
    return Outcome((Suggestion(span, inserted, trace.rule),), "", trace)
