"""A cell of a notebook as a Python file that begins with the cells above it.

Lines for the notebook's own shell (``%time``, ``!ls``) are read as comments. It never knows where cells come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from lsp_server.core.document import Document, Span
from lsp_server.core.languages import PYTHON
from lsp_server.core.lines import nesting_at
from lsp_server.core.scanning import plain, token_around
from lsp_server.core.suggestion import Suggestion

_SHELL_LINE = re.compile(r"^[ \t]*([%!?])", re.MULTILINE)
_CELL_MAGIC = re.compile(r"\s*(%%\s*(\w*))")
_OF_PYTHON = frozenset({"time", "timeit", "capture", "prun", "python", "python3", "pypy"})
"""What ``%%`` may name where the rest of the cell is Python all the same."""


@dataclass(frozen=True)
class Seen:
    """``document`` as the model sees it: with ``front`` characters before those of the document that is edited."""

    document: Document
    front: int = 0

    def told(self, suggestion: Suggestion) -> Suggestion:
        """A suggestion for it, as one for the document that is edited."""
        span = Span(suggestion.span.start - self.front, suggestion.span.end - self.front)
        return replace(suggestion, span=span)


def language_of_cell(text: str) -> str:
    """What a cell says it is written in, ``%%bash`` for example; empty for Python."""
    magic = _CELL_MAGIC.match(text)
    return magic[1] if magic and magic[2] not in _OF_PYTHON else ""


def seen_below(cell: Document, above: Iterable[Document], uri: str) -> Seen:
    """The ``cell`` behind those ``above`` it, as one document of that URI."""
    texts = [as_python(one.text).strip("\r\n") for one in above if not language_of_cell(one.text)]
    front = "".join(f"{text}\n\n" for text in texts if text.strip())
    if cell.newline != "\n":
        front = re.sub(r"\r\n|\r|\n", cell.newline, front)
    return Seen(replace(cell, uri=uri, text=front + as_python(cell.text)), len(front))


@lru_cache(maxsize=256)
def as_python(text: str) -> str:
    """The text of a cell with its lines for the shell as comments; every character keeps its place."""
    start = 0
    while (line := _SHELL_LINE.search(text, start)) is not None:
        if _begins_statement(text, line.start()):
            text = f"{text[: line.start(1)]}#{text[line.end(1) :]}"
        start = line.end()
    return text


def _begins_statement(text: str, start: int) -> bool:
    """Whether the line at ``start`` is none that goes on with brackets, a string or a line ending in a backslash."""
    before = plain(text)
    if before[:start].rstrip("\n").endswith("\\") or token_around(PYTHON, before, start) is not None:
        return False
    return not nesting_at(PYTHON, before, start).openings
