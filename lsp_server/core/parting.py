"""Where a prompt that fills in the middle is parted: the line of the document with which its middle begins.

The models read what stands around the middle first, so that it stays evaluated while the middle grows, as long as it is
parted at the same line. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

from lsp_server.core.document import Document

MIDDLE_LINES = 32
"""A middle that has grown by more is begun anew: what it is about is the latter part of it."""


@dataclass(frozen=True)
class Parting:
    """A line of the document ``uri``, counted from 0; the texts stand ``before`` it and ``after`` the cursor."""

    uri: str
    line: int
    before: str
    after: str

    def holds(self, document: Document, offset: int) -> bool:
        """Whether what was typed since is the middle's alone."""
        grown = document.line_at(offset) - self.line
        around = document.text.startswith(self.before) and document.text[offset:] == self.after
        return document.uri == self.uri and 0 <= grown <= MIDDLE_LINES and around


def parting(document: Document, offset: int, last: Parting | None = None) -> Parting:
    """The ``last`` one where it still holds, else the line of the cursor."""
    if last is not None and last.holds(document, offset):
        return last
    line = document.line_at(offset)
    return Parting(document.uri, line, document.text[: document.line_starts[line]], document.text[offset:])
