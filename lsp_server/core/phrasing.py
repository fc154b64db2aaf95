"""What a change says about the text that it changes: which kind of mistake it mends, in a sentence, and what to press.

All of it is computed from the change. It never knows whether the change is right.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from lsp_server.core.document import Document, Span
from lsp_server.core.finding import Edit, Fix

_COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
_NEARLY = ({"<", "<="}, {">", ">="})
_LOGIC = frozenset({"and", "or", "not", "&&", "||", "!", "in", "is"})
_CONDITION = re.compile(r"\s*(?:\}?\s*else\s+)?(?:if|elif|while|for|assert)\b|.*\?.*:|.*\bif\b.*\belse\b")
_WORDS = re.compile(r"[A-Za-z_]\w*|\d+|[^\w\s]+")
_CALLED = re.compile(r"[A-Za-z_][\w.]*")
_STEP = re.compile(r"\s*[-+]\s*1\b")
_LONGEST = 60


@dataclass(frozen=True)
class Wording:
    """``span`` is what is pointed at; ``category`` the name of one of the closed set."""

    category: str
    message: str
    span: Span
    fix: Fix


@dataclass(frozen=True)
class _Change:
    """``old`` becomes ``new``, with ``before`` and ``after`` around them on the same line."""

    old: str
    new: str
    before: str
    after: str

    @property
    def line(self) -> str:
        return self.before + self.old + self.after


def phrased(document: Document, edit: Edit) -> Wording:
    """What is wrong where ``edit`` would be right; it is one of whole lines, or within one line."""
    text = document.text
    line = document.line_span(document.line_at(edit.span.start))
    if _is_lines(document, edit):
        return _of_lines(document, edit)
    change = _Change(edit.span.of(text), edit.text, text[line.start : edit.span.start], text[edit.span.end : line.end])
    span = edit.span if change.old.strip() else _word_before(document, edit.span.start, line)
    return Wording(_category(change), _message(change), span, Fix(_title(change), (edit,)))


def _is_lines(document: Document, edit: Edit) -> bool:
    start, end = edit.span.start, edit.span.end
    starts = document.line_starts
    whole = start in starts and (end in starts or end == len(document.text))
    return whole and (not edit.text or edit.text.endswith("\n"))


def _of_lines(document: Document, edit: Edit) -> Wording:
    old, new = _short(edit.span.of(document.text)), _short(edit.text)
    first = document.line_at(edit.span.start)
    if not old:
        return Wording("missing-code", f"A line is missing above this one: `{new}`.", _code_of(document, first),
                       Fix(f"Insert `{new}`", (edit,)))  # fmt: skip
    last = document.line_at(max(edit.span.end - 1, edit.span.start))
    span = Span(_code_of(document, first).start, _code_of(document, last).end)
    if not new:
        return Wording("excess-code", f"`{old}` should not be here.", span, Fix(f"Remove `{old}`", (edit,)))
    return Wording("wrong-value", f"`{old}` should be `{new}`.", span, Fix(f"Change it to `{new}`", (edit,)))


def _code_of(document: Document, line: int) -> Span:
    """A line without its indentation; of an empty one all of it."""
    span = document.line_span(line)
    text = span.of(document.text)
    return Span(span.end - len(text.lstrip()), span.start + len(text.rstrip())) if text.strip() else span


def _word_before(document: Document, offset: int, line: Span) -> Span:
    """What an insertion stands behind; at the start of a line what it stands in front of."""
    before = document.text[line.start : offset]
    found = list(_WORDS.finditer(before))
    if found:
        return Span(line.start + found[-1].start(), line.start + found[-1].end())
    following = _WORDS.search(document.text, offset, line.end)
    return Span(*following.span()) if following else line


def _short(text: str) -> str:
    """The first line that says something, not too long to be read."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"


def _category(change: _Change) -> str:
    return next((name for name, holds in _KINDS if holds(change)), "wrong-value")


def _is_one_off(change: _Change) -> bool:
    """One more or less of something, or a bound that is in instead of out."""
    old, new = change.old.strip(), change.new.strip()
    if old.isdecimal() and new.isdecimal():
        return abs(int(old) - int(new)) == 1 and bool(re.search(r"[\[(:+\-,<>=]\s*-?$", change.before))
    steps = (_STEP.fullmatch(old) and not new) or (_STEP.fullmatch(new) and not old)
    return bool(steps) or {old, new} in _NEARLY


def _is_condition(change: _Change) -> bool:
    words = {*_WORDS.findall(change.old), *_WORDS.findall(change.new)}
    return bool(words & (_COMPARISONS | _LOGIC)) or bool(_CONDITION.match(change.line))


def _is_call(change: _Change) -> bool:
    """Another function: both are names, and what follows is called."""
    names = _CALLED.fullmatch(change.old.strip()) and _CALLED.fullmatch(change.new.strip())
    return bool(names) and change.after.startswith("(")


_KINDS: tuple[tuple[str, Callable[[_Change], bool]], ...] = (
    ("off-by-one", _is_one_off),
    ("wrong-call", _is_call),
    ("wrong-condition", _is_condition),
)
"""The first that holds; a value is wrong where none does."""


def _message(change: _Change) -> str:
    old, new = change.old.strip(), change.new.strip()
    if not old:
        return f"`{_short(new)}` is missing here: `{_short(change.before + change.new + change.after)}`."
    if not new:
        rest = _short(change.before + change.after)
        return f"`{_short(old)}` should not be here: `{rest}`." if rest else f"`{_short(old)}` should not be here."
    return f"`{_short(old)}` should be `{_short(new)}`."


def _title(change: _Change) -> str:
    old, new = change.old.strip(), change.new.strip()
    if not old:
        return f"Insert `{_short(new)}`"
    return f"Remove `{_short(old)}`" if not new else f"Change `{_short(old)}` to `{_short(new)}`"
