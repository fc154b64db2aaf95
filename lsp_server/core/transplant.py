"""A function taken out of an answer and put in the place of another one, with another signature perhaps.

What documents the old one stays, and so does what stands between its parts. It knows no models.
"""

from __future__ import annotations

from lsp_server.core.document import Document, Span
from lsp_server.core.frame import Frame, frame_named
from lsp_server.core.functions import functions_in
from lsp_server.core.languages import PYTHON, Language
from lsp_server.core.lines import statements_of
from lsp_server.core.names import Insertion, undefined_in
from lsp_server.core.parsing import parsed
from lsp_server.core.scanning import tokens_of


def transplanted(frame: Frame, code: str, renamed: bool = False) -> Document | None:
    """The frame's document with the function that ``code`` has for it, and the imports of ``code`` that this needs.

    None where ``code`` has none of that name; one of any name will do where it is ``renamed``.
    """
    answer = Document("", frame.document.language_id, code)
    names = [one.name for one in functions_in(answer) if renamed or one.name == frame.function.name]
    other = frame_named(answer, names[0]) if names else None
    body = _indented(frame, other) if other else None
    if other is None or body is None:
        return None
    text = _decorated(frame, other) + body + frame.tail
    return _with_imports(frame, frame.changed(text), text, code)


def _decorated(frame: Frame, other: Frame) -> str:
    """The old head with the new signature, and with the new decorators where there are any."""
    head = frame.signed(_signature(other))
    front = other.text[: other.function.signature.start - other.span.start]
    old = frame.text[: frame.function.signature.start - frame.span.start]
    if frame.context.language is PYTHON and "@" in front and "@" not in old:
        decorators = [line.strip() for line in front.splitlines() if line.strip().startswith("@")]
        return old + "".join(f"{line}\n{frame.function.indent}" for line in decorators) + head[len(old) :]
    return head


def _signature(frame: Frame) -> str:
    return frame.function.signature.of(frame.document.text)


def _indented(frame: Frame, other: Frame) -> str | None:
    """The other's body as deep as this function is; None where that would change a text of several lines."""
    own, found = frame.function.indent, other.function.indent
    if own == found:
        return other.body
    language = frame.context.language
    if any(
        token.kind == "string" and "\n" in other.body[token.start : token.end]
        for token in tokens_of(language, other.body)
    ):
        return None
    return "\n".join(own + line.removeprefix(found) if line.strip() else "" for line in other.body.split("\n"))


def _with_imports(frame: Frame, document: Document, text: str, code: str) -> Document:
    """The document with what ``code`` imports and ``text`` uses, where nothing defined it."""
    language, start = frame.context.language, frame.span.start
    without = frame.document.edited(frame.span, "")
    undefined = undefined_in(language, Insertion(without.text, start, text))
    wanted = {*undefined.names, *undefined.modules}
    lines = [span.of(code) for span in parsed(language, code).captures().get("import", [])] if wanted else []
    needed = [line for line in lines if wanted & set(line.replace(",", " ").split())]
    if not needed:
        return document
    here = _imports_end(language, document.text)
    apart = "" if document.text[here : here + 1] in ("", "\n") or here > start else "\n\n"
    return document.edited(Span(here, here), "".join(f"{line}\n" for line in needed) + apart)


def _imports_end(language: Language, text: str) -> int:
    """Where one more import belongs: below those at the top of the file, else above its first statement."""
    imports = [
        span
        for span in parsed(language, text).captures().get("import", [])
        if text[span.start - 1 : span.start] in ("", "\n")
    ]
    if imports:
        line = text.find("\n", imports[-1].end)
        return line + 1 if line >= 0 else len(text)
    starts = statements_of(language, text)
    return next((start for start in starts if text[start] not in "\"'"), 0)
