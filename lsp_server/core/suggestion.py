"""What a completion comes to: the text to insert and why it ended there."""

from __future__ import annotations

from dataclasses import dataclass

from lsp_server.core.document import Span


@dataclass(frozen=True)
class Suggestion:
    """``text`` replaces ``span`` of the document it was made for.

    ``rule`` names what ended it (``body complete``, ``suffix reached``, ``model stopped``, ``token limit`` …).
    ``text`` is empty when there is nothing to show; ``rule`` then says why.
    """

    span: Span
    text: str
    rule: str
