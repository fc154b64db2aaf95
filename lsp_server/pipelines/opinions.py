"""An answer that cannot be right is asked for again, differently, and the soundest one is shown.

What can be known decides: whether it parses, whether every name it uses is defined, whether it compiles, and whether
the examples in the function's own docstring hold. It must never know how an answer is made, nor of LSP, threads or
disks.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterable, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from lsp_server.core.comments import comment_at, said_in
from lsp_server.core.context import Context, Extent
from lsp_server.core.document import Document, Span
from lsp_server.core.documented import commented_examples, documented_examples
from lsp_server.core.examples import Example, examples_in
from lsp_server.core.gaps import leaves, repeats_following, rest_of_function
from lsp_server.core.languages import PYTHON
from lsp_server.core.names import Insertion, undefined_in
from lsp_server.core.signatures import name_in
from lsp_server.core.syntax import adds_error
from lsp_server.core.target import Target
from lsp_server.trial.process import Verdict

T = TypeVar("T")
Trial = Callable[[Document, Sequence[Example]], Awaitable[Verdict]]
"""Evaluates examples against a file, away from everything."""
Trials = Callable[[Sequence[Document], Sequence[Example]], Awaitable[Sequence[Verdict]]]
"""The same for several versions of a file."""
Same = Callable[[str, str, Sequence[str]], Awaitable[bool]]
"""Whether two versions of a file make the same of calls."""
Compile = Callable[[Document], Awaitable[Sequence[int]]]
"""The lines, counted from 0, that a compiler refuses of a file; none where nothing is known."""

Lint = Callable[[Document], Awaitable[frozenset[int]]]
"""The lines, counted from 0, of which the project's own linters say already that something is wrong."""


@dataclass(frozen=True)
class Checks:
    """Who may be asked about an answer; None is nobody."""

    trial: Trial | None = None
    compile: Compile | None = None
    trials: Trials | None = None
    same: Same | None = None
    lint: Lint | None = None


@dataclass(frozen=True, order=True)
class Soundness:
    """What is known against an answer and for it; the greater the better."""

    written: bool
    parses: bool
    asked: bool
    """It is what a comment asks for, as far as that can be told: it has the name, and is not what follows already."""
    undefined: int
    """Names that nothing defines, negative."""
    refused: int
    """Lines that the compiler reports errors on, negative."""
    failed: int
    """Examples that do not hold, negative."""
    held: int

    @property
    def doubtful(self) -> bool:
        """Whether it cannot be right."""
        return not (self.written and self.parses and self.asked) or min(self.undefined, self.refused, self.failed) < 0


async def soundness(context: Context, target: Target, text: str, checks: Checks) -> Soundness:
    """Of ``text``, inserted at the cursor of ``context`` to be what ``target`` says."""
    here = Span(context.offset, context.offset)
    whole = context.document.edited(here, text)
    if not text.strip() or adds_error(context.document, here, text):
        return Soundness(bool(text.strip()), False, False, 0, 0, 0, 0)
    asked = _is_asked(context, target, text)
    below = rest_of_function(context, context.after)
    insertion = Insertion(context.document.text, context.offset, text, len(below))
    undefined = undefined_in(context.language, insertion).names
    finishes = below.strip() or target.extent in (Extent.BODY, Extent.BLOCK, Extent.DEFINITION)
    judged = len(text) + (len(below) if target.extent is Extent.PASSAGE else 0)
    inserted = Span(context.offset, context.offset + judged)
    claim = _Claim(whole, inserted, undefined, _examples_for(context, target) if finishes else (), asked)
    return await _judged(claim, checks)


async def soundness_instead(context: Context, span: Span, text: str, checks: Checks) -> Soundness:
    """Of ``text`` in place of ``span``, which is the whole of the context's function, in the context's document."""
    document = context.document
    if not text.strip() or adds_error(document, span, text):
        return Soundness(bool(text.strip()), False, True, 0, 0, 0, 0)
    without = document.edited(span, "")
    undefined = undefined_in(context.language, Insertion(without.text, span.start, text))
    whole = document.edited(span, text)
    names = (*undefined.modules, *undefined.names)
    # A function written anew may break what calls it: the compiler is heard on the whole file.
    return await _judged(_Claim(whole, Span(0, len(whole.text)), names, examples_of(context)), checks)


@dataclass(frozen=True)
class _Claim:
    """A whole document with new text: ``written`` is to compile, and uses ``undefined``; ``examples`` are to hold.

    ``asked`` is that of its `Soundness`.
    """

    whole: Document
    written: Span
    undefined: Sequence[str]
    examples: Sequence[Example]
    asked: bool = True


async def _judged(claim: _Claim, checks: Checks) -> Soundness:
    """What is known of new text that parses."""
    refused = await _refused(claim.whole, claim.written, checks.compile)
    if claim.undefined or refused or checks.trial is None or not claim.examples:
        return Soundness(True, True, claim.asked, -len(claim.undefined), -refused, 0, 0)
    verdict = await checks.trial(claim.whole, claim.examples)
    return Soundness(True, True, claim.asked, 0, 0, -verdict.failed, verdict.held)


def _is_asked(context: Context, target: Target, text: str) -> bool:
    """Whether a definition has the name it was asked for by; whether statements leave to what follows what it does."""
    if target.extent is Extent.DEFINITION:
        comment = comment_at(context.document, context.offset)
        return comment is None or re.search(rf"\b{name_in(comment)}\b", text) is not None
    return target.extent is not Extent.PASSAGE or not (repeats_following(target, text) or leaves(target, text))


async def _refused(whole: Document, inserted: Span, compiles: Compile | None) -> int:
    """How many of the inserted lines the compiler refuses; a line that was begun before is not counted among many."""
    if compiles is None:
        return 0
    first, last = whole.line_at(inserted.start), whole.line_at(inserted.end)
    begun = whole.text[whole.line_starts[first] : inserted.start].strip()
    lines = range(first + bool(begun and last > first), last + 1)
    return len({line for line in await compiles(whole) if line in lines})


async def soundest(answers: AsyncIterable[T], judge: Callable[[T], Awaitable[Soundness]]) -> T:
    """The first that is not doubtful, else the soundest. Answers are pulled, and so made, only as far as needed.

    Raises:
        ValueError: there is no answer.
    """
    best: tuple[Soundness, T] | None = None
    async for answer in answers:
        judged = await judge(answer)
        if best is None or judged > best[0]:
            best = judged, answer
        if not judged.doubtful:
            break
    if best is None:
        raise ValueError("there is no answer to judge")
    return best[1]


def examples_of(context: Context) -> tuple[Example, ...]:
    """The examples of the function, where they can be tried: in its docstring, or the comment above it."""
    function = context.function
    if context.scopes or function is None or function.documentation is None:
        return ()
    written = function.documentation.of(context.document.text)
    if written.startswith(PYTHON.line_comment):
        return examples_in(said_in(written), function.name) if not function.indent else ()
    return documented_examples(context.document, function)


def _examples_for(context: Context, target: Target) -> tuple[Example, ...]:
    """The examples of what is written: those of the function around, or of the comment that asks for a definition."""
    if target.extent is not Extent.DEFINITION:
        return examples_of(context)
    comment = comment_at(context.document, context.offset)
    known = comment is not None and not context.scopes
    return commented_examples(context.language, comment.text, name_in(comment)) if comment and known else ()
