"""What a model would have written, as a change of whole lines: one replaced, left out, or put in; then the least of it.

It never knows how the text was made.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from lsp_server.core.document import Span
from lsp_server.core.finding import Edit
from lsp_server.core.languages import Language
from lsp_server.core.scanning import without_comments

FENCE = "```"
"""What ends the code in an answer."""

_REACH = 3
"""Lines that may be left out at once."""

_TOKENS = re.compile(r"\w+|\s+|(?:\*\*|//|<<|>>|[-+*/%&|^<>=!])=|\*\*|//|<<|>>|&&|\|\||\+\+|--|->|::|[^\w\s]")
_NAME = re.compile(r"[A-Za-z_]\w*")


def lines_needed(body: str, offset: int) -> int:
    """How many lines must be written from ``offset`` on, to see what they are for.

    Inside a line that one is replaced; where a line begins, the next one tells whether another was put in.
    """
    return 2 if not _line_before(body, offset).strip() else 1


def remedy(body: str, offset: int, written: str) -> Edit | None:
    """The change that it is to go on with ``written`` after the first ``offset`` characters of ``body``."""
    start = offset - len(_line_before(body, offset))
    lines = body[start:].splitlines(keepends=True)
    text = body[start:offset] + written
    new = [line.rstrip() for line in text.split(FENCE)[0].split("\n") if line.strip()]
    if not new:
        whole = FENCE in text and bool(lines) and not body[start:offset].strip()
        return Edit(Span(start, len(body)), "") if whole else None
    if not lines:
        return Edit(Span(start, start), "\n".join(new if FENCE in text else new[:1]) + "\n")
    ahead = [line.strip() for line in lines[: _REACH + 1]]
    left_out = next((at for at, line in enumerate(ahead) if at and line and line == new[0].strip()), 0)
    if left_out:
        return Edit(Span(start, start + sum(map(len, lines[:left_out]))), "")
    if len(new) > 1 and lines_needed(body, offset) > 1 and ahead[0] == new[1].strip():
        return Edit(Span(start, start), new[0] + "\n")
    return Edit(Span(start, start + len(lines[0])), new[0] + "\n")


def _line_before(body: str, offset: int) -> str:
    return body[body.rfind("\n", 0, offset) + 1 : offset]


def uncommented(language: Language, body: str, edit: Edit) -> Edit:
    """The change without comments that explain it, where there was none before."""
    old, new = edit.span.of(body), edit.text
    if without_comments(language, old, 0, len(old)) != old:
        return edit
    lines = without_comments(language, new, 0, len(new)).split("\n")
    return Edit(edit.span, "\n".join(line.rstrip() for line in lines))


def says_the_same(language: Language, body: str, edit: Edit) -> bool:
    """Whether only comments, blanks or the name of a variable that lives on one line are other than before."""
    old, new = edit.span.of(body), edit.text
    one, other = (_code_tokens(language, text) for text in (old, new))
    indented = [_indent(text) for text in (old, new)]
    same = one == other and (not one or indented[0] == indented[1])
    return same or (len(one) == len(other) and _renamed(one, other, body, old))


def _indent(text: str) -> str:
    line = next((line for line in text.splitlines() if line.strip()), "")
    return line[: len(line) - len(line.lstrip())]


def _code_tokens(language: Language, text: str) -> list[str]:
    code = without_comments(language, text, 0, len(text))
    return [token for token in _TOKENS.findall(code) if token.strip()]


def _renamed(one: Sequence[str], other: Sequence[str], body: str, old: str) -> bool:
    """Whether names that stand nowhere else are exchanged for others throughout."""
    pairs = {(a, b) for a, b in zip(one, other, strict=True) if a != b}
    befores, afters = [a for a, _ in pairs], [b for _, b in pairs]
    if len(set(befores)) < len(befores) or len(set(afters)) < len(afters):
        return False
    elsewhere = _TOKENS.findall(body.replace(old, "", 1))
    names = all(_NAME.fullmatch(name) for name in befores + afters)
    local = all(one.count(name) > 1 and name not in other and name not in elsewhere for name in befores)
    return bool(pairs) and names and local and not set(afters) & set(one)


def moved(edit: Edit, by: int) -> Edit:
    """The same change of a text that begins ``by`` characters further on."""
    return Edit(Span(edit.span.start + by, edit.span.end + by), edit.text)


def whole_lines(body: str, edit: Edit) -> Edit:
    """The same change as one of whole lines."""
    start = body.rfind("\n", 0, edit.span.start) + 1
    end = edit.span.end if body[: edit.span.end].endswith("\n") else body.find("\n", edit.span.end) + 1
    end = max(end, edit.span.end) or len(body)
    return Edit(Span(start, end), body[start : edit.span.start] + edit.text + body[edit.span.end : end])


def size(body: str, edit: Edit) -> int:
    """How many tokens a change takes away and puts in, at the least; blanks are none."""
    change = least(body, edit)
    return sum(bool(token.strip()) for token in (*_TOKENS.findall(change.span.of(body)), *_TOKENS.findall(change.text)))


def least(body: str, edit: Edit) -> Edit:
    """The same change of as few tokens as it takes; whole lines that come or go stay whole."""
    old = _TOKENS.findall(edit.span.of(body))
    new = _TOKENS.findall(edit.text)
    if not old or not new:
        return edit
    front = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False))))
    room = min(len(old), len(new)) - front
    pairs = zip(reversed(old), reversed(new), strict=False)
    back = min(room, len(list(takewhile(lambda pair: pair[0] == pair[1], pairs))))
    start = edit.span.start + len("".join(old[:front]))
    end = edit.span.end - len("".join(old[len(old) - back :]))
    return Edit(Span(start, end), "".join(new[front : len(new) - back]))
