"""What completes broken text at a place, so that its tree shows what the rest of it means.

A few short texts are tried, those that close what is open among them, and the tree with the fewest errors is
kept. Nothing here knows what will be written at that place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from lsp_server.core import braces, lines
from lsp_server.core.document import Span
from lsp_server.core.languages import Family, Language
from lsp_server.core.parsing import Parsed, is_keyword
from lsp_server.core.scanning import CLOSER_OF, Nesting, Opening, token_around

_OPERANDS = ("", "_")
"""Nothing, or a name where an expression is broken off before one."""

_LONGEST_NAME = 80
"""Characters; of longer names the end is looked at."""
_NAME = re.compile(r"(?<!\w)[^\W\d]\w*\Z")


@dataclass(frozen=True)
class Mended:
    """A tree with ``added`` characters at ``offset`` that its document does not have, and its errors."""

    tree: Parsed
    offset: int
    added: int
    errors: tuple[Span, ...]

    def document_span(self, span: Span) -> Span:
        """Where a span of the tree's text is in the document."""
        return Span(self._offset_of(span.start), self._offset_of(span.end))

    def errors_around(self, start: int) -> int:
        """How many errors touch the text from ``start`` to the mended place, but for what the grammar cannot read."""
        end, text, unread = self.offset + self.added, self.tree.text, self.tree.language.unread
        near = [error for error in self.errors if error.start <= end and error.end >= start]
        return sum(not unread.search(text, max(0, error.start - 20), error.start) for error in near)

    def _offset_of(self, position: int) -> int:
        return position if position <= self.offset else max(self.offset, position - self.added)


@lru_cache(maxsize=4)
def mended(tree: Parsed, offset: int) -> Mended:
    """The tree of a plain text, mended at ``offset`` if that makes it better."""
    best = Mended(tree, offset, 0, tree.errors)
    if not best.errors or token_around(tree.language, tree.text, offset):
        return best
    inner, outer = _missing(tree.language, tree.text, offset)
    line = tree.text.rfind("\n", 0, offset) + 1
    if not inner and not outer and not best.errors_around(line):
        return best
    operands = _OPERANDS if _awaits_operand(tree, offset) else ("",)
    for text in (left + inner + right + outer for right in tree.language.endings for left in operands):
        candidate = tree.edited(Span(offset, offset), text)
        errors = candidate.errors
        if len(errors) < len(best.errors):
            best = Mended(candidate, offset, len(text), errors)
        if not errors:
            break
    return best


def _awaits_operand(tree: Parsed, offset: int) -> bool:
    """Whether an expression may be broken off there: not behind a ``;``, nor in a name, which would only get longer."""
    before = tree.text[max(0, offset - _LONGEST_NAME) : offset]
    name = _NAME.search(before)
    return not before.endswith(";") and (name is None or is_keyword(tree.language, name[0]))


def nesting_at(language: Language, text: str, offset: int) -> Nesting:
    """What is open at ``offset`` of a plain text."""
    if language.family is Family.BRACES:
        return braces.nesting_at(language, text, offset)
    return lines.nesting_at(language, text, offset)


def closings(language: Language, text: str, offset: int, nesting: Nesting) -> Mapping[Opening, int]:
    """Which openings are closed by the text after ``offset``, and where."""
    if language.family is Family.BRACES:
        return braces.closings(language, text, offset, nesting)
    return lines.closings(language, text, offset, nesting)


def _missing(language: Language, text: str, offset: int) -> tuple[str, str]:
    """What closes the brackets of the statement at ``offset``, and what the blocks around it."""
    nesting = nesting_at(language, text, offset)
    closed = closings(language, text, offset, nesting)
    unclosed = [opening for opening in reversed(nesting.openings) if opening not in closed]
    inner = [opening for opening in unclosed if opening.offset >= nesting.statement]
    outer = [opening for opening in unclosed if opening not in inner]
    return (
        "".join(CLOSER_OF[opening.bracket] for opening in inner),
        "".join(braces.closer_of(language, text, opening) for opening in outer),
    )
