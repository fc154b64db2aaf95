"""The notebooks the editor has open, as the order of their cells; the cells themselves are ordinary documents.

It must never know of LSP, or what is done with a cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lsp_server.core.cells import Seen, language_of_cell, seen_below
from lsp_server.core.document import Document
from lsp_server.core.languages import PYTHON, by_language_id
from lsp_server.session.documents import Documents


class Notebooks:
    """The open notebooks by URI. ``documents`` has the cells."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._cells: dict[str, list[str]] = {}

    def open(self, uri: str, cells: Sequence[str]) -> None:
        """Begin to follow a notebook with these cells, in this order."""
        self._cells[uri] = list(cells)

    def change(self, uri: str, start: int, removed: int, cells: Sequence[str]) -> None:
        """In place of so many ``removed`` cells there are others."""
        self._cells.setdefault(uri, [])[start : start + removed] = cells

    def close(self, uri: str) -> None:
        """Stop following a notebook."""
        self._cells.pop(uri, None)

    def foreign(self, document: Document) -> str:
        """What a cell says it is written in, where that is not Python; empty for all else."""
        return language_of_cell(document.text) if self._of(document.uri) else ""

    def _of(self, cell: str) -> str | None:
        return next((uri for uri, cells in self._cells.items() if cell in cells), None)

    def seen(self, document: Document) -> Seen:
        """A document as a model is to see it: a cell of Python with the cells of Python above it."""
        notebook = self._of(document.uri)
        if notebook is None or by_language_id(document.language_id) is not PYTHON:
            return Seen(document)
        return seen_below(document, self._above(notebook, document.uri), notebook)

    def _above(self, notebook: str, cell: str) -> Iterator[Document]:
        cells = self._cells[notebook]
        documents = (self._documents.get(uri) for uri in cells[: cells.index(cell)])
        return (one for one in documents if one is not None and by_language_id(one.language_id) is PYTHON)
