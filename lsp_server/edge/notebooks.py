"""The handlers of notebooks: thin, as those in `server`. A cell is a document like any other.

They read plain JSON, as those of documents do: an edit must not be lost over what nobody needs.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from lsp_server.edge import convert

if TYPE_CHECKING:
    from lsp_server.edge.server import Server

logger = logging.getLogger(__name__)
Json = Mapping[str, Any]


def capability() -> types.NotebookDocumentSyncOptions:
    """The cells of Python of any notebook."""
    python = types.NotebookDocumentFilterWithCells(cells=[types.NotebookCellLanguage("python")])
    return types.NotebookDocumentSyncOptions([python])


async def did_open(server: Server, params: Json) -> None:
    """Follow a notebook and its cells."""
    notebook = params["notebookDocument"]
    _open(server, params["cellTextDocuments"])
    server.session.notebooks.open(convert.uri_of({"textDocument": notebook}), _uris(notebook["cells"], "document"))


async def did_change(server: Server, params: Json) -> None:
    """Apply changes: first which cells there are, then what stands in them."""
    cells = params["change"].get("cells") or {}
    structure = cells.get("structure")
    if structure:
        _restructure(server, params["notebookDocument"]["uri"], structure)
    for content in cells.get("textContent") or ():
        server.edit(content["document"], content["changes"])


def _restructure(server: Server, uri: str, structure: Json) -> None:
    array = structure["array"]
    _open(server, structure.get("didOpen") or ())
    new = _uris(array.get("cells") or (), "document")
    server.session.notebooks.change(uri, int(array["start"]), int(array["deleteCount"]), new)
    _close(server, structure.get("didClose") or ())


async def did_close(server: Server, params: Json) -> None:
    """Follow a notebook and its cells no longer."""
    server.session.notebooks.close(params["notebookDocument"]["uri"])
    _close(server, params.get("cellTextDocuments") or ())


def _open(server: Server, items: Iterable[Json]) -> None:
    for item in items:
        server.session.open(*convert.opened({"textDocument": item}))


def _close(server: Server, identifiers: Iterable[Json]) -> None:
    for uri in _uris(identifiers, "uri"):
        server.session.forget(uri, "the end of the cell")


def _uris(members: Iterable[Json], name: str) -> Sequence[str]:
    return [convert.uri_of({"textDocument": {"uri": member[name]}}) for member in members]


HANDLERS: Mapping[str, Callable[[Server, Any], Awaitable[Any]]] = {
    types.NOTEBOOK_DOCUMENT_DID_OPEN: did_open,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE: did_change,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE: did_close,
}
