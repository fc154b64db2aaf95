"""Where a prompt that fills in the middle is parted: the line of the document with which its middle begins.

The models read what stands around the middle first, so that it stays evaluated while the middle grows, as long as it is
parted at the same line. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from lsp_server.core.closed import closed_behind
from lsp_server.core.document import Document

MIDDLE_LINES = 32
"""A middle that has grown by more is begun anew: what it is about is the latter part of it."""


@dataclass(frozen=True)
class Parting:
    """A line of the document ``uri``, counted from 0; the texts stand ``before`` it and ``after`` the cursor.

    Of what stands behind the cursor now the editor has ``closed`` that by itself, in front of ``after``.
    """

    uri: str
    line: int
    before: str
    after: str
    closed: str = ""

    def at(self, document: Document, offset: int) -> Parting | None:
        """The same for that place, where what was typed since is the middle's alone."""
        grown = document.line_at(offset) - self.line
        if document.uri != self.uri or not 0 <= grown <= MIDDLE_LINES or not document.text.startswith(self.before):
            return None
        closed = closed_behind(document.text, offset, self.after, 0)
        return None if closed is None else replace(self, closed=closed)


def parting(document: Document, offset: int, last: Parting | None = None) -> Parting:
    """The ``last`` one where it still holds, else the line of the cursor."""
    if held := last and last.at(document, offset):
        return held
    line = document.line_at(offset)
    return Parting(document.uri, line, document.text[: document.line_starts[line]], document.text[offset:])
