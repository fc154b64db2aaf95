"""How one text becomes another: edits that replace as little as is needed, and one line that says what they do.

It compares lines, then words, and knows neither languages nor models.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import accumulate

from lsp_server.core.document import Span
from lsp_server.core.finding import Edit

_WORD = re.compile(r"\w+|\s+|[()\[\]{},;:]|[^\w\s()\[\]{},;:]+")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_LONGEST = 100
"""Characters of a summary that quotes what changed; beyond that it counts lines."""
_MOST = 3
"""Changes that a summary quotes."""


def edits_between(old: str, new: str) -> tuple[Edit, ...]:
    r"""The edits that make ``new`` of ``old``, in order and apart; lines end in ``\n``."""
    lines, others = _LINE.findall(old), _LINE.findall(new)
    starts = [0, *accumulate(map(len, lines))]
    found: list[Edit] = []
    for first, last, begin, end in _changes(lines, others):
        if last - first == end - begin:
            pairs = zip(range(first, last), others[begin:end], strict=True)
            found += [edit for line, text in pairs for edit in _within(lines[line], text, starts[line])]
        else:
            found += _within("".join(lines[first:last]), "".join(others[begin:end]), starts[first])
    return tuple(found)


def _changes(lines: Sequence[str], others: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Which lines become which other ones; what both begin and end with is not compared twice."""
    front = _shared(lines, others)
    back = _shared(lines[front:][::-1], others[front:][::-1])
    middle, meant = lines[front : len(lines) - back], others[front : len(others) - back]
    for kind, first, last, begin, end in SequenceMatcher(None, middle, meant, autojunk=False).get_opcodes():
        if kind != "equal":
            yield front + first, front + last, front + begin, front + end


def _within(old: str, new: str, offset: int) -> Iterator[Edit]:
    """One edit, from the first word that differs to the last one."""
    words, others = _WORD.findall(old), _WORD.findall(new)
    front = _shared(words, others)
    back = _shared(words[front:][::-1], others[front:][::-1])
    start = offset + len("".join(words[:front]))
    replaced, text = "".join(words[front : len(words) - back]), "".join(others[front : len(others) - back])
    if replaced or text:
        yield Edit(Span(start, start + len(replaced)), text)


def _shared(words: Sequence[str], others: Sequence[str]) -> int:
    """How many words both begin with."""
    pairs = enumerate(zip(words, others, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(words), len(others)))


def summary_of(old: str, new: str) -> str:
    """One line that says what becomes of ``old``; empty where nothing does."""
    edits = edits_between(old, new)
    quoted = [_quoted(old, edit) for edit in edits]
    said = "; ".join(quoted)
    if len(edits) <= _MOST and all(quoted) and len(said) <= _LONGEST:
        return said
    return _counted(_LINE.findall(old), _LINE.findall(new))


def _quoted(old: str, edit: Edit) -> str:
    """A change within one line; nothing for one of several lines."""
    before, after = edit.span.of(old).strip(), edit.text.strip()
    if "\n" in before or "\n" in after:
        return ""
    line = old.count("\n", 0, edit.span.start) + 1
    if before and after:
        return f"line {line}: `{before}` becomes `{after}`"
    return f"line {line}: adds `{after}`" if after else f"line {line}: removes `{before}`" if before else ""


def _counted(lines: Sequence[str], others: Sequence[str]) -> str:
    """How many lines are changed, added and removed."""
    counts = {"changed": 0, "added": 0, "removed": 0}
    for first, last, begin, end in _changes(lines, others):
        both = min(last - first, end - begin)
        counts["changed"] += both
        counts["added"] += end - begin - both
        counts["removed"] += last - first - both
    return ", ".join(f"{count} {'line' if count == 1 else 'lines'} {what}" for what, count in counts.items() if count)
