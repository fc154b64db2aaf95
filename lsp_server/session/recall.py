"""The last suggestions, kept for the moment when the same question is asked again or the user types into one.

Pure; it must never know where suggestions come from.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lsp_server.core.closed import closed_behind, up_to
from lsp_server.core.document import Document, Span
from lsp_server.core.suggestion import Suggestion

_KEPT = 8


@dataclass(frozen=True)
class _Memory:
    """``whole``: other suggestions were looked for already, and there are no more."""

    document: Document
    offset: int
    suggestions: tuple[Suggestion, ...]
    whole: bool = False


def typed_through(
    before: Document, offset: int, suggestion: Suggestion, now: Document, cursor: int
) -> Suggestion | None:
    """What is left of ``suggestion`` once its beginning was typed at ``offset``; None when the rest does not fit.

    What the editor has closed by itself behind the cursor is not left.
    """
    start, replaced = suggestion.span.start, suggestion.span.end - offset
    # What is cheap to tell comes first: the text may be long, and most suggestions are for another place in it.
    if not start <= offset <= cursor:
        return None
    typed, closed = now.text[start:cursor], closed_behind(now.text, cursor, before.text, offset)
    if not suggestion.text.startswith(typed) or closed is None or (closed and replaced):
        return None
    if not now.text.startswith(before.text[:start]):
        return None
    rest = suggestion.text[len(typed) :]
    return replace(suggestion, span=Span(cursor, cursor + replaced), text=up_to(rest, closed) if closed else rest)


class Recall:
    """The newest few answers."""

    def __init__(self) -> None:
        self._memories: deque[_Memory] = deque(maxlen=_KEPT)

    def remember(
        self, document: Document, offset: int, suggestions: tuple[Suggestion, ...], whole: bool = False
    ) -> None:
        """Keep what was found for ``document`` at ``offset``, the ``whole`` of it or only what came first."""
        self._memories.appendleft(_Memory(document, offset, suggestions, whole))

    def forget(self) -> None:
        """Keep nothing: what was found no longer holds."""
        self._memories.clear()

    def recall(self, document: Document, offset: int) -> tuple[Suggestion, ...]:
        """The suggestions that still hold at ``offset``, the newest answer's; empty when there are none."""
        return next((rest for _, rest in self._holding(document, offset)), ())

    def is_whole(self, document: Document, offset: int) -> bool:
        """Whether there is nothing more to be found than what `recall` gives."""
        return any(memory.whole for memory, _ in list(self._holding(document, offset))[:1])

    def accepted(self, document: Document, offset: int) -> bool:
        """Whether a suggestion has just become text, from its first character to its last."""
        return any(
            told is not None and not told.text
            for memory in self._memories
            for told in _told(memory, document, offset)
            if memory.document.uri == document.uri
        )

    def _holding(self, document: Document, offset: int) -> Iterator[tuple[_Memory, tuple[Suggestion, ...]]]:
        """What is remembered and holds, the newest first, each with what is left of it."""
        for memory in self._memories:
            if memory.document.uri == document.uri and (rest := _rest(memory, document, offset)):
                yield memory, rest


def _rest(memory: _Memory, document: Document, cursor: int) -> tuple[Suggestion, ...]:
    return tuple(one for one in _told(memory, document, cursor) if one is not None and one.text)


def _told(memory: _Memory, document: Document, cursor: int) -> Iterator[Suggestion | None]:
    """Each suggestion as it is seen from a cursor."""
    for one in memory.suggestions:
        yield typed_through(memory.document, memory.offset, one, document, cursor)
