"""The documents the editor has open, each as the latest immutable snapshot.

Edits arrive in offsets (`convert` made them so); this module must never know of positions, encodings or LSP.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from lsp_server.core.document import Document, Span
from lsp_server.core.languages import by_file_name, by_language_id
from lsp_server.exclusion import Exclusion

logger = logging.getLogger(__name__)

Change = tuple[Callable[[Document], Span] | None, str]
"""Where (found in the document as the changes before left it; None: everything) and the new text."""

_SURROGATE = re.compile(r"[\ud800-\udfff]")


class Documents:
    """The open documents by URI; those that ``exclusion`` names are no documents here, and nothing of them is kept."""

    def __init__(self) -> None:
        self._open: dict[str, Document] = {}
        self.exclusion = Exclusion()

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Document]:
        return iter(tuple(self._open.values()))

    def get(self, uri: str) -> Document | None:
        """The document as it is now; it stays that way for whoever holds it."""
        return self._open.get(uri)

    def absence(self, uri: str) -> str:
        """Why there is no such document."""
        return self.exclusion.why(uri) or "the document is not open"

    def excluded(self) -> list[str]:
        """The documents that are open and no longer may be read."""
        return [uri for uri in self._open if self.exclusion.why(uri)]

    def open(self, uri: str, language_id: str, text: str, version: int) -> None:
        """Begin to follow a document, unless it is excluded; one that is open already is replaced."""
        if self.exclusion.why(uri):
            return
        self._open[uri] = Document(uri, _known_language(uri, language_id), _encodable(text), version)

    def change(self, uri: str, version: int | None, changes: Iterable[Change]) -> None:
        """Apply ``changes`` one after the other.

        A version that goes backwards, or none, is taken as it comes: editors disagree about versions, not about order.
        """
        if self.exclusion.why(uri):
            return
        document = self._open.get(uri)
        for place, text in changes:
            if place is None:
                language = document.language_id if document else _known_language(uri, "")
                document = Document(uri, language, _encodable(text), version or 0)
            elif document is not None:
                document = document.edited(place(document), _encodable(text), version)
        if document is None:
            logger.warning("ignored an edit of a document that is not open")
            return
        self._open[uri] = document if version in (None, document.version) else replace(document, version=version)

    def close(self, uri: str) -> None:
        """Stop following a document; one that is not open is no harm."""
        self._open.pop(uri, None)


def _known_language(uri: str, language_id: str) -> str:
    """``language_id``, or the one the file's name tells when the editor uses a name of its own."""
    if by_language_id(language_id) is None and (language := by_file_name(uri)) is not None:
        return language.language_ids[0]
    return language_id


def _encodable(text: str) -> str:
    """``text`` with lone surrogates, which JSON can carry and UTF-8 cannot, replaced unit by unit."""
    if _SURROGATE.search(text) is None:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
