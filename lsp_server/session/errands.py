"""What each command asks of its pipeline, as the settings say. It must never know who asks."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial

from lsp_server.core.attachment import attached
from lsp_server.core.change import Change
from lsp_server.core.fences import fenced
from lsp_server.core.finding import Finding
from lsp_server.core.prompt import CHARACTERS_PER_TOKEN, Budget
from lsp_server.core.syntax import language_of
from lsp_server.engines.base import AsyncEngine
from lsp_server.models.rows import Model
from lsp_server.parts import Errand, Inquiry, Writing
from lsp_server.pipelines.ask import Question, Reply, ask
from lsp_server.pipelines.describe import document_function
from lsp_server.pipelines.explain import ExplainRequest, explain
from lsp_server.pipelines.from_comment import CommentRequest, complete_function, from_comment
from lsp_server.pipelines.opinions import Checks
from lsp_server.pipelines.request import Options
from lsp_server.pipelines.review import BALANCED, CAUTIOUS, ReviewOptions, ReviewRequest, review
from lsp_server.pipelines.rewrite import RewriteRequest, rewrite
from lsp_server.settings import Settings
from lsp_server.trial.compiler import refused_lines
from lsp_server.trial.evaluation import tried, tried_each
from lsp_server.trial.linters import told_lines
from lsp_server.trial.process import same_outcomes

_THRESHOLDS = {"cautious": CAUTIOUS, "balanced": BALANCED}
_NO_FUNCTION = Change(reason="there is no function at this place: choose a line of one")
_LEAST_TOKENS = 1024
"""Of whole functions, however short a completion shall be."""


def reviewed(errand: Errand, settings: Settings, engine: AsyncEngine) -> AsyncGenerator[Finding, None]:
    """The findings of the errand's function."""
    assert errand.function is not None
    wished = settings.review_threshold
    confidence = _THRESHOLDS[wished] if isinstance(wished, str) else wished
    # The engine was opened with room for two prompts.
    tokens = min(2 * settings.context_tokens, errand.row.context_tokens)
    options = ReviewOptions(least_confidence=confidence, tokens=tokens)
    return review(ReviewRequest(errand.document, errand.function, errand.row, options), engine, checks_of(settings))


def explained(errand: Errand, finding: Finding, settings: Settings, engine: AsyncEngine) -> Awaitable[str]:
    """The finding in a few more words."""
    return explain(ExplainRequest(errand.document, finding, errand.row, settings.deadline_seconds), engine)


def asked(
    inquiry: Inquiry, row: Model, settings: Settings, engine: AsyncEngine, on_text: Callable[[str], None]
) -> Awaitable[Reply]:
    """The answer to a question, with what it is about below it."""
    # The engine was opened with room for two prompts.
    question = Question(inquiry.question, row, inquiry.past, context_tokens=2 * settings.context_tokens)
    document = inquiry.document
    if document is not None:
        room = (question.room - question.answer_tokens) * CHARACTERS_PER_TOKEN * 3 // 4 - len(inquiry.question)
        part = attached(document, inquiry.span, max(room, 0)).of(document.text)
        language = language_of(document)
        shown = fenced(part, language.name if language else "")
        question = replace(question, text=f"{inquiry.question}\n{shown}" if part.strip() else inquiry.question)
    return ask(question, engine, on_text)


def _generated(errand: Errand, settings: Settings, engine: AsyncEngine) -> Awaitable[Change]:
    return from_comment(_comment(errand, settings), engine, checks_of(settings))


def _completed(errand: Errand, settings: Settings, engine: AsyncEngine) -> Awaitable[Change]:
    return complete_function(_comment(errand, settings), engine, checks_of(settings))


async def _rewritten(errand: Errand, settings: Settings, engine: AsyncEngine) -> Change:
    request = _function(errand, settings)
    return await rewrite(request, engine, checks_of(settings)) if request else _NO_FUNCTION


async def _documented(errand: Errand, settings: Settings, engine: AsyncEngine) -> Change:
    request = _function(errand, settings)
    return await document_function(request, engine) if request else _NO_FUNCTION


def _function(errand: Errand, settings: Settings) -> RewriteRequest | None:
    if errand.function is None:
        return None
    return RewriteRequest(errand.document, errand.function, errand.row, errand.instruction, _options(settings))


def _comment(errand: Errand, settings: Settings) -> CommentRequest:
    return CommentRequest(errand.document, errand.offset, errand.row, _options(settings))


WRITINGS: Mapping[str, Writing] = {
    "complete": _completed,
    "generate": _generated,
    "rewrite": _rewritten,
    "docstring": _documented,
}
"""By the name of the action."""

_HASTY_SECONDS = 2.0
"""A file of 10,000 lines takes a compiler longer than whoever types would wait."""


def _options(settings: Settings) -> Options:
    """No deadline: whoever asked for it sees that it runs, and can cancel it."""
    budget = Budget.of(settings.context_tokens)
    return Options(max(settings.max_tokens, _LEAST_TOKENS), None, settings.candidates, budget)


def checks_of(settings: Settings, *, automatic: bool = False) -> Checks:
    """Who may be asked about what a model writes; what is ``automatic`` does not wait long for the compiler."""
    compiler = partial(refused_lines, seconds=_HASTY_SECONDS) if automatic else refused_lines
    compiles = compiler if settings.check_compiles else None
    if not settings.check_examples:
        return Checks(compile=compiles, lint=told_lines)
    return Checks(tried, compiles, tried_each, same_outcomes, told_lines)
