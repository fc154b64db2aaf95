"""What is whole already of an answer that is still written: its lines so far, where they parse.

Somebody who types on sees those soon instead of all of it too late. This module must never know of LSP, threads or
disks.
"""

from __future__ import annotations

from collections.abc import Callable

from lsp_server.core.context import Context, Extent
from lsp_server.core.document import Span
from lsp_server.core.suggestion import Suggestion
from lsp_server.core.syntax import adds_error
from lsp_server.core.target import Target

SO_FAR = "more is written"
"""The rule that ended such a suggestion."""

_OPENING = (":", "{")
"""What a line ends with whose block is still to come."""


class Glimpses:
    """Tells ``on_lines`` of each further line of what it hears.

    A function's body is not told of: it is judged as a whole, by what it does.
    """

    def __init__(self, context: Context, target: Target, on_lines: Callable[[Suggestion], None]) -> None:
        self._context = context
        self._on_lines = on_lines
        self._of_use = target.extent is not Extent.BODY
        self._text = ""

    def hear(self, text: str) -> None:
        """The next part that is certain."""
        self._text += text
        if not self._of_use or "\n" not in text:
            return
        lines = self._text[: self._text.rfind("\n")].replace("\n", self._context.document.newline)
        here = Span(self._context.offset, self._context.offset)
        if lines.strip() and not lines.endswith(_OPENING) and not adds_error(self._context.document, here, lines):
            self._on_lines(Suggestion(here, lines, SO_FAR))
