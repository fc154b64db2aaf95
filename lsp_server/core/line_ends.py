r"""A document as one whose lines end in ``\n``, which is what models read, and the way back."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lsp_server.core.document import Document, Span
from lsp_server.core.finding import Edit, Finding, Fix, Related


@dataclass(frozen=True)
class Unix:
    r"""``document`` is the ``original`` with ``\r\n`` and ``\r`` as ``\n``."""

    original: Document
    document: Document

    @classmethod
    def of(cls, original: Document) -> Unix:
        """The same object where nothing is to be done."""
        if "\r" not in original.text:
            return cls(original, original)
        return cls(original, replace(original, text=original.text.replace("\r\n", "\n").replace("\r", "\n")))

    def here(self, offset: int) -> int:
        """Where an offset of the original is."""
        line = self.original.line_at(offset)
        inside = min(offset, self.original.line_span(line).end) - self.original.line_starts[line]
        return self.document.line_starts[line] + inside

    def back(self, offset: int) -> int:
        """Where an offset of the document is in the original."""
        line = self.document.line_at(offset)
        return self.original.line_starts[line] + offset - self.document.line_starts[line]

    def span(self, span: Span) -> Span:
        """A span of the document in the original."""
        return Span(self.back(span.start), self.back(span.end))

    def finding(self, finding: Finding) -> Finding:
        """A finding in the document as one in the original."""
        if self.original is self.document:
            return finding
        related = tuple(Related(self.span(one.span), one.message) for one in finding.related)
        function, span = self.span(finding.function), self.span(finding.span)
        fix = self._fix(finding.fix) if finding.fix else None
        return replace(finding, function=function, span=span, related=related, fix=fix)

    def _fix(self, fix: Fix) -> Fix:
        newline = self.original.newline
        return Fix(fix.title, tuple(Edit(self.span(one.span), one.text.replace("\n", newline)) for one in fix.edits))
