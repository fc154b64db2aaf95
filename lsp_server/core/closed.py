"""What editors write behind the cursor by themselves: what closes the bracket or quote that was just typed. Pure.

After Enter in such a pair of brackets the one that closes it stands on a line of its own.
"""

from __future__ import annotations

import re

from lsp_server.core.scanning import CLOSER_OF

CLOSING = " \t\r\n)]}\"'`"
"""All that it may consist of; white space alone is somebody's own."""

_MOST = 100
"""Characters of it, indentation included."""

_QUOTES = "\"'`"
_TOKEN = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|[()\[\]{}]")


def closed_behind(text: str, cursor: int, before: str, offset: int) -> str | None:
    """What has come in front of what stood behind ``offset`` of ``before``, and now stands behind the ``cursor``.

    None where that is anything else than what an editor writes by itself.
    """
    length = len(text) - cursor - (len(before) - offset)
    closed = text[cursor : cursor + length] if 0 <= length <= _MOST else "-"
    return closed if is_closing(closed) and text.endswith(before[offset:]) else None


def is_closing(text: str) -> bool:
    """Whether an editor may have written that by itself; it does so with nothing, too."""
    return not text or (bool(text.strip()) and not text.strip(CLOSING))


def up_to(text: str, closed: str) -> str:
    """What of a ``text`` comes before what is ``closed`` behind it already."""
    mark = closed.strip()[0]
    end = _quote(text, mark) if mark in _QUOTES else _closer(text)
    if end is None:
        return text
    # On a line of its own it has its own line end.
    return text[:end].rstrip() if closed[:1].isspace() else text[:end]


def _quote(text: str, mark: str) -> int | None:
    found = re.match(rf"(?:[^\\\n{mark}]|\\.)*(?={mark})", text)
    return found.end() if found else None


def _closer(text: str) -> int | None:
    """Where the first bracket is closed that is not opened in the text."""
    depth = 0
    for token in _TOKEN.finditer(text):
        if token[0] in CLOSER_OF:
            depth += 1
        elif len(token[0]) == 1:
            depth -= 1
        if depth < 0:
            return token.start()
    return None
