"""The pipeline of rewriting: a function and an instruction in, edits or the reason for none out.

Evidence first: what is known to be wrong is mended before the model is asked. Of what the model writes the first that
is as sound as what is there is taken. It must never know of LSP, threads or disks.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from lsp_server.core.change import Change
from lsp_server.core.context import Function
from lsp_server.core.difference import edits_between, summary_of
from lsp_server.core.document import Document
from lsp_server.core.finding import Fix
from lsp_server.core.frame import Frame, frame_of
from lsp_server.core.instruction import Manner, manner_of
from lsp_server.core.line_ends import Unix
from lsp_server.core.scanning import without_comments
from lsp_server.core.transplant import transplanted
from lsp_server.engines.base import AsyncEngine
from lsp_server.models.rows import Model
from lsp_server.pipelines.commission import Commission
from lsp_server.pipelines.opinions import Checks, Soundness, examples_of
from lsp_server.pipelines.repair import mended, repairs, reviewed
from lsp_server.pipelines.request import Options

_UNCHECKED = Checks()
_SURE = 0.95
"""Confidence of a review whose opinion alone is acted upon. What is shown may be less sure: the reader judges it."""
_SAME = "the model would change nothing"
_HOLDS = "the examples in its documentation hold, and nothing else shows what is wrong with it"
_LATE = "there was no time for more: nothing that came is as sound as what is there"
_NAMED_ELSEWHERE = "its name stands elsewhere in the file too: rename it with the editor's own command"
_NOTHING_WRONG = "nothing shows what is wrong with it"


@dataclass(frozen=True)
class RewriteRequest:
    """Write ``function`` of ``document`` anew with the model of ``row``, as ``instruction`` says.

    Without an instruction it is made right and clearer.
    """

    document: Document
    function: Function
    row: Model
    instruction: str = ""
    options: Options = field(default_factory=lambda: Options(max_tokens=1024))


@dataclass(frozen=True)
class _Choice:
    """A version of the document, or why there is none."""

    document: Document | None
    reason: str = ""


async def rewrite(request: RewriteRequest, engine: AsyncEngine, checks: Checks = _UNCHECKED) -> Change:
    """The function written anew: edits, and one line that says what they change; or the reason why there are none.

    Raises:
        EngineError: the engine could not answer; the text says what to do.
    """
    if not request.row.serves.ask:
        return Change(reason=f"{request.row.name} completes code and cannot be asked to rewrite it: use another model")
    frame = frame_of(request.document, request.function)
    if frame is None:
        return Change(reason=f"`{request.function.name}` has no body that could be rewritten: complete it instead")
    work = await mended(Commission(frame, request.row, engine, checks, request.options))
    manner = manner_of(request.instruction)
    choice = await (_repaired(work) if manner.repairs else _rewritten(work, manner, request.instruction))
    document = choice.document or work.frame.document
    return _change(request, document.text, choice.reason)


async def _repaired(work: Commission) -> _Choice:
    """What is sounder than what is there; where nothing is known to be wrong, what a review would change."""
    known = await work.soundness(work.frame.document)
    if known.held and not known.doubtful:
        return _Choice(None, _HOLDS)
    if not known.doubtful and not examples_of(work.frame.context):
        return await _suspected(work, known)
    choice = await _first(work, repairs(work), lambda judged: judged > known and not judged.failed)
    return choice if choice.document or known.failed else replace(await _suspected(work, known), reason=choice.reason)


async def _suspected(work: Commission, known: Soundness) -> _Choice:
    """What a review would change, where nothing else tells that anything is wrong."""
    version = await reviewed(work, _SURE)
    if version is None:
        return _Choice(None, _NOTHING_WRONG)
    judged = await work.soundness(version)
    return _Choice(version) if judged >= known else _Choice(None, _objection(judged))


async def _rewritten(work: Commission, manner: Manner, instruction: str) -> _Choice:
    """What the instruction makes of the function, no less sound than it is."""
    if manner.renames and _is_named_elsewhere(work.frame):
        return _Choice(None, _NAMED_ELSEWHERE)
    known = await work.soundness(work.frame.document)
    repaired = await _repaired(work) if known.failed and not instruction.strip() else _Choice(None)
    if repaired.document and (better := work.on(repaired.document)):
        work, known = better, await better.soundness(repaired.document)
    choice = await _first(work, _answers(work, manner, instruction), lambda judged: judged >= known)
    return choice if choice.document else replace(repaired, reason=choice.reason)


async def _answers(work: Commission, manner: Manner, instruction: str) -> AsyncGenerator[Document, None]:
    """What the model writes when it is told so, in one wording after the other."""
    for request in manner.requests:
        if work.late:
            return
        prompt = work.asked(request, instruction)
        if manner.reshapes:
            version = transplanted(work.frame, await work.code(prompt), manner.renames)
        else:
            version = await work.body(work.begun(prompt), manner.comments)
        if version is not None and not _is_same(work.frame, version, manner):
            yield version


async def _first(
    work: Commission, versions: AsyncGenerator[Document, None], takes: Callable[[Soundness], bool]
) -> _Choice:
    """The first version that is taken. Versions are pulled, and so made, only as far as needed."""
    reason = _SAME
    async with aclosing(versions):
        async for version in versions:
            judged = await work.soundness(version)
            if takes(judged):
                return _Choice(version)
            reason = _objection(judged)
    return _Choice(None, _LATE if work.late else reason)


def _is_named_elsewhere(frame: Frame) -> bool:
    text = frame.changed("").text
    return re.search(rf"\b{re.escape(frame.function.name)}\b", text) is not None


def _is_same(frame: Frame, version: Document, manner: Manner) -> bool:
    """Whether nothing is changed that is to be; comments alone are not worth an edit."""
    if manner.comments:
        return version.text == frame.document.text
    return _code(frame, version) == _code(frame, frame.document)


def _code(frame: Frame, document: Document) -> list[str]:
    code = without_comments(frame.context.language, document.text, 0, len(document.text))
    return [line.rstrip() for line in code.split("\n") if line.strip()]


def _objection(judged: Soundness) -> str:
    """What is wrong with what the model wrote."""
    objections = {
        "does not parse": not judged.parses,
        "uses names that nothing defines": judged.undefined < 0,
        "does not compile": judged.refused < 0,
        "contradicts the examples in the documentation": judged.failed < 0,
    }
    found = next(
        (text for text, is_so in objections.items() if is_so), "is less certain to be right than what is there"
    )
    return f"what the model wrote {found}"


def _change(request: RewriteRequest, new: str, reason: str) -> Change:
    """The edits that make ``new`` of the request's document."""
    unix = Unix.of(request.document)
    edits = edits_between(unix.document.text, new)
    if not edits:
        return Change(reason=reason)
    summary = summary_of(unix.document.text, new)
    return Change(unix.fix(Fix(f"Rewrite `{request.function.name}`: {summary}", edits)), summary)
