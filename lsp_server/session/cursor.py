"""Where somebody asks what may follow, and where the cursor will be once that is accepted, or Enter is pressed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lsp_server.core.document import Span
from lsp_server.core.indentation import next_indent
from lsp_server.core.languages import by_language_id
from lsp_server.core.scanning import plain
from lsp_server.core.suggestion import Suggestion

if TYPE_CHECKING:
    from lsp_server.core.cells import Seen


@dataclass(frozen=True)
class Cursor:
    """Where to complete: at ``offset`` of what is ``seen`` of ``document``, whose older requests a newer one replaces.

    ``patience`` is how many seconds this caller waits; the work goes on for the next one who asks.
    """

    document: str
    seen: Seen
    offset: int
    automatic: bool = True
    patience: float | None = None

    @property
    def place(self) -> tuple[str, str, int]:
        """The same for requests of one version of the text at one place."""
        return self.document, self.seen.document.text, self.offset

    def accepting(self, suggestion: Suggestion) -> Cursor:
        """Where it will be once the suggestion is accepted."""
        document = self.seen.document.edited(suggestion.span, suggestion.text)
        return replace(
            self,
            seen=replace(self.seen, document=document),
            offset=suggestion.span.start + len(suggestion.text),
            patience=None,
        )

    def entered(self) -> Cursor:
        """Where it will be once Enter is pressed."""
        document = self.seen.document
        language = by_language_id(document.language_id)
        indent = next_indent(language, plain(document.text), self.offset) if language else ""
        line = Suggestion(Span(self.offset, self.offset), document.newline + indent, "")
        return self.accepting(line)

    def since(self, before: Cursor) -> str:
        """What was typed since the cursor was there."""
        return self.seen.document.text[before.offset : self.offset]

    @property
    def at_line_end(self) -> bool:
        """Whether nothing but white space follows in the line."""
        document = self.seen.document
        end = document.line_span(document.line_at(self.offset)).end
        return not document.text[self.offset : end].strip()

    @property
    def ends_line(self) -> bool:
        """Whether it is behind the last code of a line."""
        document = self.seen.document
        return self.at_line_end and bool(document.line_text(document.line_at(self.offset)).strip())
