"""Findings on their way to the editor: sent to one that waits for them, kept ready for one that asks.

It must never know where findings come from.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from lsprotocol import types

from lsp_server.edge.present import View, diagnostics

if TYPE_CHECKING:
    from lsp_server.core.document import Document
    from lsp_server.session.session import Session


class Publisher:
    """The diagnostics of all documents. ``view`` tells how the editor sees one."""

    def __init__(self, session: Session, view: Callable[[Document], View]) -> None:
        self._session = session
        self._view = view
        self._sent: dict[str, str] = {}
        self._named: dict[str, list[str]] = {}
        self._news = asyncio.Event()
        self._refreshing: asyncio.Task[None] | None = None

    def changed(self, uri: str) -> None:
        """The findings of a document may be others, or elsewhere."""
        document = self._session.documents.get(uri)
        if document is None:
            self._gone(uri)
        elif self._view(document).abilities.pulls:
            self._announce(uri)
        else:
            self._push(document)

    def report(self, document: Document) -> tuple[str, list[types.Diagnostic]]:
        """The diagnostics of a document, and a name that they have as long as they are the same."""
        shown = self._session.assistant.shown(document.uri)
        self._named[document.uri] = [known.name for known in shown]
        items = diagnostics(self._view(document), shown)
        return hashlib.sha256(repr(items).encode("utf-8", "replace")).hexdigest()[:16], items

    def _push(self, document: Document) -> None:
        name, items = self.report(document)
        if name == self._sent.get(document.uri) or (not items and document.uri not in self._sent):
            return
        self._sent[document.uri] = name
        self._session.editor.publish(types.PublishDiagnosticsParams(document.uri, items, document.version))

    def _gone(self, uri: str) -> None:
        self._named.pop(uri, None)
        if self._sent.pop(uri, None):
            self._session.editor.publish(types.PublishDiagnosticsParams(uri, []))

    def _announce(self, uri: str) -> None:
        """Have the editor ask again when there are other findings; those that only moved it asks for by itself."""
        names = [known.name for known in self._session.assistant.shown(uri)]
        if names == self._named.get(uri, []):
            return
        self._named[uri] = names
        self._news.set()
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.ensure_future(self._refresh())

    async def _refresh(self) -> None:
        """One request at a time, however fast findings come."""
        while self._news.is_set():
            self._news.clear()
            await self._session.editor.refresh()
