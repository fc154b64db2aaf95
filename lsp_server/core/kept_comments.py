"""Comments of code that was written anew: those that still hold are kept.

A comment holds where the code that it stands at, or above, is still there. It knows no models.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from lsp_server.core.languages import Language
from lsp_server.core.scanning import without_comments

_ALIKE = 0.75
"""How much of a line must be the same for its comment to be taken for true."""


@dataclass(frozen=True)
class _Line:
    """A line of code with what stands above it that is none; ``code`` is empty at the text's end."""

    above: tuple[str, ...]
    text: str
    code: str


def with_comments(language: Language, old: str, new: str) -> str:
    r"""``new`` with the comments of ``old`` that it left out though their code stayed. Lines end in ``\n``."""
    kept = _lines(language, old)
    written = _lines(language, new)
    known = {text.strip() for line in written for text in line.above if text.strip()}
    lines: list[str] = []
    pairs = dict(_pairs(kept, written))
    for number, line in enumerate(written):
        before = pairs.get(number)
        lines += [*line.above, *_missing(before, line, known), _commented(before, line, known)]
    return "\n".join(lines[:-1]) if written[-1].code == "" else "\n".join(lines)


def _lines(language: Language, text: str) -> list[_Line]:
    """The lines of code, and an empty one at the end."""
    found: list[_Line] = []
    above: list[str] = []
    code = without_comments(language, text, 0, len(text)).split("\n")
    for written, bare in zip(text.split("\n"), code, strict=True):
        if bare.strip():
            found.append(_Line(tuple(above), written, bare.strip()))
            above = []
        else:
            above.append(written)
    return [*found, _Line(tuple(above), "", "")]


def _pairs(kept: list[_Line], written: list[_Line]) -> Iterator[tuple[int, _Line]]:
    """Which written line is which of the old ones."""
    matcher = SequenceMatcher(None, [line.code for line in kept], [line.code for line in written], autojunk=False)
    for kind, first, last, begin, end in matcher.get_opcodes():
        if kind == "equal" or (kind == "replace" and last - first == end - begin):
            for old, new in zip(range(first, last), range(begin, end), strict=True):
                if _alike(kept[old].code, written[new].code):
                    yield new, kept[old]


def _alike(old: str, new: str) -> bool:
    return old == new or SequenceMatcher(None, old, new, autojunk=False).ratio() >= _ALIKE


def _missing(before: _Line | None, line: _Line, known: set[str]) -> list[str]:
    """The comment lines that stood above and were left out, indented as the line is."""
    if before is None or any(text.strip() for text in line.above):
        return []
    indent = line.text[: len(line.text) - len(line.text.lstrip())] if line.code else None
    lost = [text for text in before.above if text.strip() and text.strip() not in known]
    return [text if indent is None else indent + text.strip() for text in lost]


def _commented(before: _Line | None, line: _Line, known: set[str]) -> str:
    """The line with the comment that stood at its end."""
    if before is None or line.text.strip() != line.code:
        return line.text
    comment = before.text.strip().removeprefix(before.code)
    lost = bool(comment) and before.text.strip().startswith(before.code) and comment.strip() not in known
    return line.text.rstrip() + comment if lost else line.text
