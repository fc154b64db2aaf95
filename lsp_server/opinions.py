"""A function's body that cannot be right is asked for again, differently, and the soundest answer is shown.

What can be known decides: whether it parses, whether every name it uses is defined, and whether the examples in the
function's own docstring hold. It must never know how an answer is made, nor of LSP, threads or disks.
"""

from __future__ import annotations

import ast
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from lsp_server.core.context import Context
from lsp_server.core.document import Span
from lsp_server.core.examples import Example, examples_in
from lsp_server.core.languages import PYTHON
from lsp_server.core.names import undefined_in
from lsp_server.core.syntax import adds_error
from lsp_server.trial.process import Verdict

T = TypeVar("T")
Trial = Callable[[str, Sequence[Example]], Awaitable[Verdict]]
"""Evaluates examples against the source of a file, away from everything."""


@dataclass(frozen=True, order=True)
class Soundness:
    """What is known against a body and for it; the greater the better."""

    written: bool
    parses: bool
    undefined: int
    """Names that nothing defines, negative."""
    failed: int
    """Examples that do not hold, negative."""
    held: int

    @property
    def doubtful(self) -> bool:
        """Whether it cannot be right."""
        return not (self.written and self.parses) or self.undefined < 0 or self.failed < 0


async def soundness(context: Context, text: str, trial: Trial | None) -> Soundness:
    """Of the body ``text``, inserted at the cursor of ``context``."""
    here = Span(context.offset, context.offset)
    whole = context.document.edited(here, text).text
    if not text.strip() or adds_error(context.document, here, text):
        return Soundness(bool(text.strip()), False, 0, 0, 0)
    undefined = undefined_in(context.language, whole, Span(context.offset, context.offset + len(text))).names
    examples = _examples(context)
    if undefined or trial is None or not examples:
        return Soundness(True, True, -len(undefined), 0, 0)
    verdict = await trial(whole, examples)
    return Soundness(True, True, 0, -verdict.failed, verdict.held)


async def soundest(
    first: T, others: Sequence[str], ask: Callable[[str], Awaitable[T]], judge: Callable[[T], Awaitable[Soundness]]
) -> T:
    """``first``, or what is sounder of the answers to ``others``, which are asked for only while it is doubtful."""
    best = _Judged(await judge(first), first)
    for name in others:
        if not best.soundness.doubtful:
            break
        answer = await ask(name)
        judged = _Judged(await judge(answer), answer)
        best = judged if judged.soundness > best.soundness else best
    return best.answer


@dataclass(frozen=True)
class _Judged(Generic[T]):
    soundness: Soundness
    answer: T


def _examples(context: Context) -> tuple[Example, ...]:
    """The examples in the function's docstring, where they can be tried: a Python function at the top level."""
    function = context.function
    if context.language is not PYTHON or function is None or function.documentation is None or context.scopes:
        return ()
    if function.indent:
        return ()
    try:
        docstring = ast.literal_eval(function.documentation.of(context.document.text).strip())
    except (ValueError, SyntaxError):
        return ()
    return examples_in(docstring, function.name) if isinstance(docstring, str) else ()
