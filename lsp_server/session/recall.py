"""The last suggestions, kept for the moment when the same question is asked again or the user types into one.

Pure; it must never know where suggestions come from.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from lsp_server.core.document import Document, Span
from lsp_server.core.suggestion import Suggestion

_KEPT = 8


@dataclass(frozen=True)
class _Memory:
    document: Document
    offset: int
    suggestions: tuple[Suggestion, ...]


def typed_through(
    before: Document, offset: int, suggestion: Suggestion, now: Document, cursor: int
) -> Suggestion | None:
    """What is left of ``suggestion`` once its beginning was typed at ``offset``; None when the rest does not fit."""
    if cursor < offset or now.text[cursor:] != before.text[offset:]:
        return None
    accepted = before.text[: suggestion.span.start] + suggestion.text
    if not accepted.startswith(now.text[:cursor]):
        return None
    return replace(suggestion, span=Span(cursor, cursor + suggestion.span.end - offset), text=accepted[cursor:])


class Recall:
    """The newest few answers."""

    def __init__(self) -> None:
        self._memories: deque[_Memory] = deque(maxlen=_KEPT)

    def remember(self, document: Document, offset: int, suggestions: tuple[Suggestion, ...]) -> None:
        """Keep what was found for ``document`` at ``offset``."""
        self._memories.appendleft(_Memory(document, offset, suggestions))

    def forget(self) -> None:
        """Keep nothing: what was found no longer holds."""
        self._memories.clear()

    def recall(self, document: Document, offset: int) -> tuple[Suggestion, ...]:
        """The suggestions that still hold at ``offset``, the newest answer's; empty when there are none."""
        for memory in self._memories:
            if memory.document.uri == document.uri and (rest := _rest(memory, document, offset)):
                return rest
        return ()


def _rest(memory: _Memory, document: Document, cursor: int) -> tuple[Suggestion, ...]:
    told = (typed_through(memory.document, memory.offset, one, document, cursor) for one in memory.suggestions)
    return tuple(one for one in told if one is not None and one.text)
