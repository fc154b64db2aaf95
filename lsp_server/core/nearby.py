"""A long document without whole definitions that are far from one place: what is near costs the same in any file.

What encloses the place stays, and so does all that is within reach. Which definitions are far is found out once; while
somebody types in what is near, only that changes. It must never know what is done with the rest.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

import tree_sitter

from lsp_server.core.context import Far
from lsp_server.core.document import Document, Span
from lsp_server.core.languages import Language
from lsp_server.core.parsing import Parsed, again, parsed
from lsp_server.core.scanning import plain

REACH = 4096
"""Characters on either side of a place that tell what is there, at least."""

_BELOW = 2
"""What comes below tells less: that part of the reach does."""

_LONG = 8
"""Only in documents of so many times the reach anything is far."""

_KEPT = 4
"""Places that are typed at in turns."""


@dataclass(frozen=True)
class Nearby:
    """``document`` without what is ``far``, and where the place is in it."""

    document: Document
    offset: int
    far: Far


@dataclass(frozen=True)
class _Cut:
    """A text, and the spans of it above and below ``near`` that are left out, in order."""

    language: Language
    text: str
    near: Span
    above: tuple[Span, ...]
    below: tuple[Span, ...]
    far: Far

    def suits(self, language: Language, text: str, offset: int, reach: int) -> bool:
        """Whether ``text`` differs in what is near only, and ``offset`` is within ``reach`` of nothing else."""
        end = self.near.end + len(text) - len(self.text)
        return (
            language is self.language
            and (not self.above or offset - self.near.start >= reach)
            and (not self.below or end - offset >= reach // _BELOW)
            and end - self.near.start <= _LONG * reach
            and text.startswith(self.text[: self.near.start])
            and text.endswith(self.text[self.near.end :])
        )

    def moved(self, text: str) -> _Cut:
        """The same of a text that it suits."""
        by = len(text) - len(self.text)
        below = tuple(Span(span.start + by, span.end + by) for span in self.below)
        return replace(self, text=text, near=Span(self.near.start, self.near.end + by), below=below)

    def without(self, document: Document, offset: int) -> Nearby:
        """The document without what is far."""
        spans = (*self.above, *self.below)
        ends, starts = (0, *(span.end for span in spans)), (*(span.start for span in spans), len(self.text))
        kept = "".join(self.text[end:start] for end, start in zip(ends, starts, strict=True))
        missing = sum(span.end - span.start for span in self.above)
        return Nearby(replace(document, text=kept), offset - missing, self.far)


_cuts: deque[_Cut] = deque(maxlen=_KEPT)
_trees: dict[Language, Parsed] = {}
"""Of each language the last long text that was parsed."""


def nearby(language: Language, document: Document, offset: int, reach: int = REACH) -> Nearby | None:
    """The document without what is further than ``reach`` from ``offset``; None where that is nothing."""
    text = document.text
    if len(text) < _LONG * reach:
        return None
    known = next((cut for cut in _cuts if cut.suits(language, text, offset, reach)), None)
    if known is not None:
        _cuts.remove(known)
    cut = known.moved(text) if known is not None else _cut(language, text, offset, reach)
    _cuts.appendleft(cut)
    return cut.without(document, offset) if cut.above or cut.below else None


def _cut(language: Language, text: str, offset: int, reach: int) -> _Cut:
    """What is far; how much is kept above moves in jumps, as what is typed there should not be read anew."""
    tree = _tree(language, plain(text))
    step = reach // 2
    wanted = Span(max((offset - reach) // step, 0) * step, offset + reach // _BELOW + reach // 8)
    wanted_bytes = tree.byte_of(wanted.start), tree.byte_of(min(wanted.end, len(text)))
    runs = _runs(language, tree.tree.root_node, *wanted_bytes)
    lines = (_lines(tree.text, Span(tree.offset_of(start), tree.offset_of(end))) for start, end in runs)
    spans = [span for span in lines if span.end > span.start]
    above = tuple(span for span in spans if span.end <= offset)
    below = tuple(spans[len(above) :])
    near = Span(above[-1].end if above else 0, below[0].start if below else len(text))
    return _Cut(language, text, near, above, below, Far(_joined(text, above), _joined(text, below)))


def _tree(language: Language, text: str) -> Parsed:
    """The tree of a long text: mostly that of the last one, but for what was edited since."""
    old = _trees.get(language)
    tree = _trees[language] = again(old, text) if old else parsed(language, text)
    return tree


def _joined(text: str, spans: tuple[Span, ...]) -> str:
    return "".join(span.of(text) for span in spans).replace("\r\n", "\n").replace("\r", "\n")


def _runs(language: Language, node: tree_sitter.Node, near_start: int, near_end: int) -> Iterator[tuple[int, int]]:
    """Runs of sound definitions outside of what is near, in the order of the text; all in bytes: there are many."""
    series = node.parent is None or node.is_error or _is_series(language, node)
    first: int | None = None
    last = 0
    for child in node.children:
        start, end = child.start_byte, child.end_byte
        outside = end < near_start or start > near_end
        if series and outside and not child.has_error and (child.is_named or child.type == ";"):
            first, last = start if first is None else first, end
            continue
        if first is not None:
            yield first, last
        first = None
        if not outside and end - start > near_end - near_start:
            yield from _runs(language, child, near_start, near_end)
    if first is not None:
        yield first, last


def _is_series(language: Language, node: tree_sitter.Node) -> bool:
    """Whether any child of the node may be missing: it is no function's body."""
    kind = node.type if node.type != "block" or node.parent is None else f"{node.parent.type} {node.type}"
    return kind in language.series


def _lines(text: str, run: Span) -> Span:
    """The whole lines of a run."""
    start = text.rfind("\n", 0, run.start) + 1
    if text[start : run.start].strip():
        start = text.find("\n", run.start) + 1 or run.end
    end = text.find("\n", run.end)
    end = len(text) if end < 0 else end + 1
    if text[run.end : end].strip():
        end = text.rfind("\n", 0, run.end) + 1
    return Span(start, max(start, end))
