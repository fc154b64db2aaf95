"""The pipeline of documenting: a function in, its docstring or the comment above it as an edit out.

The model says what the function does; which of that is kept, and how it is written, is decided by the function and the
file. No code is touched. It must never know of LSP, threads or disks.
"""

from __future__ import annotations

import re
from contextlib import aclosing
from dataclasses import dataclass, replace

from lsp_server.core.account import Account, account_of
from lsp_server.core.change import Change
from lsp_server.core.document import Document, Span
from lsp_server.core.documenting import BRACES_STYLES, PYTHON_STYLES, Style, comment, docstring, form_of, style_of
from lsp_server.core.finding import Edit, Fix
from lsp_server.core.frame import Frame, frame_of
from lsp_server.core.functions import functions_in
from lsp_server.core.generation import Limits
from lsp_server.core.languages import Family
from lsp_server.core.line_ends import Unix
from lsp_server.core.signature import gives_value, parameters_of
from lsp_server.core.syntax import adds_error
from lsp_server.engines.base import AsyncEngine
from lsp_server.pipelines.commission import Commission
from lsp_server.pipelines.opinions import Checks
from lsp_server.pipelines.rewrite import RewriteRequest

_TOKENS = 256
_COLUMNS = 88
_FEWEST = 3
"""Words that documentation has if it says anything."""
_PLACEHOLDER = re.compile(r"\b(?:TODO|FIXME|TBD|XXX|_summary_|docstring)\b|\.\.\.", re.IGNORECASE)


@dataclass(frozen=True)
class _Manner:
    """How documentation is asked for in a family of languages: the request, the answer's beginning, and its end."""

    request: str
    begun: str
    stop: str
    styles: tuple[Style, ...]


_MANNERS = {
    Family.INDENTATION: _Manner(
        "Write a short Google style docstring for the {language} function `{name}`: what it does, its arguments, what "
        "it returns.",
        '"""',
        '"""',
        PYTHON_STYLES,
    ),
    Family.BRACES: _Manner(
        "Write a short Doxygen comment for the {language} function `{name}`: what it does, its parameters, what it "
        "returns.",
        "/**\n * @brief ",
        "*/",
        BRACES_STYLES,
    ),
}


async def document_function(request: RewriteRequest, engine: AsyncEngine) -> Change:
    """The function's documentation, where it has none that says anything, as an edit; or the reason why there is none.

    Raises:
        EngineError: the engine could not answer; the text says what to do.
    """
    if not request.row.serves.ask:
        return Change(reason=f"{request.row.name} completes code and cannot be asked: use another model")
    frame = frame_of(request.document, request.function)
    if frame is None:
        return Change(reason=f"`{request.function.name}` has no body that could be described")
    if not _is_stub(documentation_of(frame)):
        return Change(reason=f"`{request.function.name}` is documented already")
    work = Commission(frame, request.row, engine, Checks(), request.options)
    account = _account(frame, await _said(work))
    if not account.summary:
        return Change(reason="the model had nothing to say about it")
    span, text = _place(frame, _written(frame, account))
    if adds_error(frame.document, span, text):
        return Change(reason="what the model wrote does not fit here")
    fix = Fix(f"Document `{request.function.name}`", (Edit(span, text),))
    return Change(Unix.of(request.document).fix(fix), f"documents `{request.function.name}`: {account.summary}")


def documentation_of(frame: Frame) -> str:
    """The docstring or comment that the function has."""
    span = frame.function.documentation
    return span.of(frame.document.text) if span else ""


def _is_stub(text: str) -> bool:
    words = re.findall(r"[^\W\d_]+", _PLACEHOLDER.sub("", text))
    return len(words) < _FEWEST


async def _said(work: Commission) -> str:
    """The model's documentation without the marks around it."""
    frame, manner = work.frame, _MANNERS[work.frame.context.language.family]
    front = frame.function.indent
    if frame.context.language.family is Family.INDENTATION:
        signature = frame.text[: frame.function.signature.end - frame.span.start]
        front = f"{front}{signature}:\n{frame.target.indent}"
    prompt = work.asked(manner.request).continued(front + manner.begun)
    prompt = replace(prompt, stops=(*prompt.stops, manner.stop, "```"))
    limits = Limits(min(work.options.max_tokens, _TOKENS), work.left)
    said = ""
    async with aclosing(work.engine.stream(prompt, limits)) as pieces:
        async for piece in pieces:
            said += piece.text
            if piece.ended and piece.ended != "stop":
                # What was cut off may be half a description.
                said = said.rpartition("\n")[0]
    return said


def _account(frame: Frame, said: str) -> Account:
    language, function = frame.context.language, frame.function
    signature = function.signature.of(frame.document.text)
    gives = gives_value(language, signature, function.name, frame.body)
    return account_of(said, parameters_of(language, signature), gives)


def _written(frame: Frame, account: Account) -> str:
    """The documentation in the style of the file, its first line without indentation."""
    python = frame.context.language.family is Family.INDENTATION
    others = _others(frame)
    style = style_of(_MANNERS[frame.context.language.family].styles, others)
    indent = frame.target.indent if python else frame.function.indent
    lines = style.written(account, _COLUMNS - len(indent.expandtabs(4)) - 3, frame.context.indentation.unit)
    return docstring(lines, indent) if python else comment(lines, indent, form_of(others))


def _others(frame: Frame) -> list[str]:
    """What documents the file's other functions."""
    document, name = frame.document, frame.function.name
    spans = [one.documentation for one in functions_in(document) if one.documentation and one.name != name]
    texts = [span.of(document.text).strip("rRuU").strip("\"'") for span in spans]
    return [text for text in texts if not _is_stub(text)]


def _place(frame: Frame, text: str) -> tuple[Span, str]:
    """What the documentation replaces, with the white space that it needs around it."""
    document, function = frame.document, frame.function
    stub = function.documentation
    if frame.context.language.family is Family.BRACES:
        if stub and stub.end <= function.signature.start:
            return stub, text
        return Span(function.span.start, function.span.start), f"{text}\n{function.indent}"
    if stub and stub.start > function.signature.end:
        return stub, text
    return _below_head(document, frame, text)


def _below_head(document: Document, frame: Frame, text: str) -> tuple[Span, str]:
    """Below the colon, and below a comment behind it; a body on the same line gets a line of its own."""
    opened = frame.span.start + len(frame.head)
    line_end = document.text.find("\n", opened)
    line_end = len(document.text) if line_end < 0 else line_end
    rest = document.text[opened:line_end].strip()
    if rest and not rest.startswith("#"):
        start = opened + len(document.text[opened:]) - len(document.text[opened:].lstrip())
        return Span(opened, start), f"\n{frame.target.indent}{text}\n{frame.target.indent}"
    return Span(line_end, line_end), f"\n{frame.target.indent}{text}"
