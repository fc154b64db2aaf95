"""Indentation: the unit a document uses, and the white space in front of a statement at a place."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from functools import lru_cache

from lsp_server.core.braces import line_code
from lsp_server.core.languages import Family, Language
from lsp_server.core.lines import statements_of
from lsp_server.core.scanning import Nesting, without_comments

_STEP = re.compile(r"^([ \t]*)(?:[^ \t\n].*)?[{:][ \t]*\n(?=([ \t]+)[^ \t\n])", re.MULTILINE)
_SPACE = re.compile(r"^([ \t]+)[^ \t\n*]", re.MULTILINE)
_UNITS = ("\t", "  ", "   ", "    ", " " * 8)
_NEAR = 8000
"""Characters before a place that tell how its lines are indented."""
_LEAVES = re.compile(r"(?:return|raise|break|continue|pass)\b")
_UNBRACED = re.compile(r"(?:(?:\}\s*)?else\b|do\b|(?:if|for|while)\b.*\)\s*$|(?:\}\s*)?else\s+if\b.*\)\s*$)")


@lru_cache(maxsize=8)
def unit_of(language: Language, text: str) -> str:
    """One level of indentation as most blocks of the document have it."""
    steps = Counter(inner[len(outer) :] for outer, inner in _STEP.findall(text) if inner.startswith(outer))
    likely = [step for step, _ in steps.most_common() if step in _UNITS]
    if likely:
        return str(likely[0])
    spaces = set(_SPACE.findall(text))
    return next((unit for unit in _UNITS if unit in spaces), language.indent_unit)


def next_indent(language: Language, text: str, offset: int) -> str:
    """The white space with which editors begin the next line when Enter is pressed at ``offset``."""
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    space = line[: len(line) - len(line.lstrip(" \t\f"))]
    opens = line.rstrip().endswith("{" if language.family is Family.BRACES else ":")
    return space + (unit_of(language, text[max(0, offset - _NEAR) : offset]) if opens else "")


def width_of(space: str) -> int:
    """How far ``space`` indents, tabs reaching to the next multiple of 8."""
    return len(space.replace("\f", "").expandtabs(8))


def space_before(text: str, offset: int) -> str:
    """The white space in front of the first code of the line of ``offset`` (up to ``offset``)."""
    return text[text.rfind("\n", 0, offset) + 1 : line_code(text, offset)]


def current_of(language: Language, text: str, offset: int, nesting: Nesting) -> str:
    """The white space that a statement at ``offset`` has in front of it."""
    if language.family is Family.BRACES:
        return _by_braces(language, text, offset, nesting)
    return _by_lines(language, text, offset, nesting)


def _by_lines(language: Language, text: str, offset: int, nesting: Nesting) -> str:
    start = text.rfind("\n", 0, offset) + 1
    typed = text[start:offset]
    noted = _comment_on(language, text, offset if typed else start - 1)
    if noted is not None and (typed or not nesting.openings):
        return noted
    starts = statements_of(language, text)
    index = bisect_left(starts, start if not typed.strip(" \t\f") else offset)
    if index == 0:
        return ""
    previous = starts[index - 1]
    if nesting.openings and not typed.strip(" \t\f"):
        return typed or _inside_brackets(language, text, start)
    if nesting.statement == previous and nesting.statement < offset:
        inside = _opens(language, text, previous, offset) and not nesting.openings
        return space_before(text, previous) + (unit_of(language, text) if inside else "")
    level, space = space_before(text, previous), space_before(text, offset)
    if _opens(language, text, previous, start):
        return space if width_of(space) > width_of(level) else level + unit_of(language, text)
    levels = _levels(text, starts, index - 1)
    following = width_of(space_before(text, starts[index])) if index < len(starts) else 0
    gap = text.count("\n", len(text[:start].rstrip()), start)
    return _chosen(space, levels, following, leaves=bool(_LEAVES.match(text, previous)), far=gap > 2)


def _comment_on(language: Language, text: str, offset: int) -> str | None:
    """The indentation of a comment that the line of ``offset`` is: what it is about stands where it does."""
    line = text[text.rfind("\n", 0, max(offset, 0)) + 1 : max(offset, 0)]
    return space_before(text, offset) if line.lstrip(" \t\f").startswith(language.line_comment) else None


def _inside_brackets(language: Language, text: str, start: int) -> str:
    """The indentation of a line inside brackets: that of the line above, one deeper where that opens one."""
    above = len(text[:start].rstrip())
    space = space_before(text, above)
    return space + unit_of(language, text) if text[above - 1 : above] in "([{" else space


def _chosen(typed: str, levels: list[str], following: int, *, leaves: bool, far: bool) -> str:
    """The level among ``levels`` (deepest first) that is meant, when the statement below has width ``following``."""
    possible = [level for level in levels if width_of(level) >= following] or levels[:1]
    if typed:
        if width_of(typed) in map(width_of, levels):
            return typed
        reached = [level for level in possible if width_of(level) >= width_of(typed)]
        return reached[-1] if reached else possible[0]
    if far and not following:
        return possible[-1]
    return possible[1] if leaves and len(possible) > 1 else possible[0]


def _levels(text: str, starts: tuple[int, ...], index: int) -> list[str]:
    """The indentation of statement ``index`` and of every block around it, deepest first."""
    levels = [space_before(text, starts[index])]
    while index > 0 and width_of(levels[-1]) > 0:
        index -= 1
        space = space_before(text, starts[index])
        if width_of(space) < width_of(levels[-1]):
            levels.append(space)
    return levels


def _opens(language: Language, text: str, start: int, end: int) -> bool:
    """Whether the logical line from ``start`` on ends in the colon that opens a block."""
    return without_comments(language, text, start, end).rstrip().endswith(":")


def _by_braces(language: Language, text: str, offset: int, nesting: Nesting) -> str:
    start = text.rfind("\n", 0, offset) + 1
    typed = text[start:offset]
    unit = unit_of(language, text)
    blocks = [opening for opening in nesting.openings if opening.bracket == "{"]
    if typed.strip(" \t\f"):
        space = space_before(text, offset)
        return space + unit if typed.rstrip().endswith("{") else space
    around = space_before(text, blocks[-1].offset) if blocks else None
    if typed and (around is None or width_of(typed) > width_of(around)):
        return typed
    floor = blocks[-1].offset if blocks else 0
    lines = [line for line in without_comments(language, text, floor, start).split("\n") if line.strip()][-2:]
    lines = [line for line in lines if not line.lstrip().startswith("#")]
    if len(lines) == 0 or (blocks and lines[-1].lstrip().startswith("{") and lines[-1].rstrip() == "{"):
        return around + unit if around is not None else ""
    return _after_line(lines, unit, around)


def _after_line(lines: list[str], unit: str, around: str | None) -> str:
    """The indentation after the last of ``lines``; ``around`` is that of the line that opens the block, if any."""
    last = lines[-1]
    space = last[: len(last) - len(last.lstrip(" \t\f"))]
    if last.startswith("{") and around is not None:
        return around + unit
    if last.rstrip().endswith(("{", ":", "(", "[")) or _UNBRACED.match(last.strip()):
        return space + unit
    if len(lines) > 1 and _UNBRACED.match(lines[0].strip()) and not lines[0].rstrip().endswith("{"):
        return lines[0][: len(lines[0]) - len(lines[0].lstrip(" \t\f"))]
    return space
