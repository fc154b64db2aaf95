"""What reviews found in the documents of an editor, each finding at the function it was found in.

Findings move with their function and go when its own text changes, white space included; they are back when an undo
brings that text back, or when the document is opened again, under another name too. This module must never know how
something is found, or how it is shown.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lsp_server.core.followed import Followed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lsp_server.core.context import Function
    from lsp_server.core.document import Document, Span
    from lsp_server.core.finding import Edit, Finding, Fix, Related

_KEPT = 16
"""Reviews of functions that were changed, for each document, should the change be undone."""
_KEPT_CLOSED = 256
"""Reviews of functions of documents that were closed."""
_KEPT_CHARACTERS = 2_000_000
"""As long as all the texts are together that those reviews are of."""


@dataclass(frozen=True)
class Known:
    """A finding where it is now.

    ``name`` stays the same wherever it moves; ``mark``, a hash, also when other lines of the function change.
    """

    name: str
    mark: str
    finding: Finding


class Review:
    """What is found in one function of one version of a document."""

    def __init__(self, document: Document, function: Function) -> None:
        self.followed = Followed.function(document, function)
        self.language_id = document.language_id
        self._document = document
        self._function = function
        self._found: list[Known] = []

    def add(self, finding: Finding) -> None:
        """Keep what was found, at its place in the version that is reviewed; outside the function it is none."""
        own = self._function.span
        if own.start <= finding.span.start and finding.span.end <= own.end:
            self._found.append(Known(self._name(finding), self._mark(finding), finding))

    def known(self) -> Iterator[Known]:
        """The findings, where they are now."""
        for found in self._found:
            moved = _moved(found.finding, self.followed)
            if moved is not None:
                yield replace(found, finding=moved)

    def _name(self, finding: Finding) -> str:
        start = self._function.span.start
        place = f"{finding.span.start - start}-{finding.span.end - start}"
        return _hash(self.followed.text, finding.category, place, finding.message)

    def _mark(self, finding: Finding) -> str:
        first, last = (self._document.line_at(offset) for offset in (finding.span.start, finding.span.end))
        lines = (self._document.line_text(line).strip() for line in range(first, last + 1))
        return _hash(finding.category, self._function.name, *lines)


class Findings:
    """The reviews by document."""

    def __init__(self) -> None:
        self._there: dict[str, list[Review]] = {}
        self._changed: dict[str, deque[Review]] = defaultdict(lambda: deque(maxlen=_KEPT))
        self._closed: deque[Review] = deque(maxlen=_KEPT_CLOSED)

    def keep(self, uri: str, review: Review) -> None:
        """From now on this is what is known of its function, in place of what was known before."""
        there = self._there.setdefault(uri, [])
        there[:] = [one for one in there if one.followed.span != review.followed.span]
        if review.followed.there:
            there.append(review)

    def drop(self, uri: str, span: Span) -> None:
        """What is known of the function at ``span`` is pointless: the editor is about to change it."""
        there = self._there.get(uri, [])
        there[:] = [one for one in there if one.followed.span != span]

    def of(self, uri: str) -> tuple[Known, ...]:
        """What is known of a document, in the order of its text."""
        found = (known for review in self._there.get(uri, ()) for known in review.known())
        # A function and one inside it may have been reviewed each.
        once = {(known.finding.category, known.finding.span): known for known in found}
        return tuple(sorted(once.values(), key=lambda known: known.finding.span.start))

    def reviewed(self, uri: str, function: Function) -> bool:
        """Whether that function was reviewed, as it is now."""
        return any(review.followed.span == function.span for review in self._there.get(uri, ()))

    def opened(self, document: Document) -> None:
        """A document is there, perhaps one that was there before."""
        uri = document.uri
        mine = [review for review in self._closed if review.language_id == document.language_id]
        back = [review for review in mine if review.followed.follow(document)]
        self._closed = deque((review for review in self._closed if review not in back), maxlen=_KEPT_CLOSED)
        for review in back:
            self.keep(uri, review)

    def changed(self, document: Document) -> None:
        """A document has a new version: follow its functions."""
        uri = document.uri
        there, gone = self._there.get(uri, []), self._changed.get(uri, ())
        reviews, lost = {}, []
        for review in (*there, *gone):
            # Of two with the same text one may be deleted: the other has its own findings.
            if review.followed.follow(document) and review.followed.span not in reviews:
                reviews[review.followed.span] = review
            else:
                lost.append(review)
        self._there[uri] = list(reviews.values())
        if lost or gone:
            self._changed[uri] = deque(lost, maxlen=_KEPT)

    def closed(self, uri: str) -> None:
        """A document is gone; it may come back."""
        self._closed.extend(self._there.pop(uri, ()))
        self._changed.pop(uri, None)
        while _characters(self._closed) > _KEPT_CHARACTERS:
            self._closed.popleft()

    def excluded(self, uri: str) -> None:
        """A document must not be known any more."""
        self._there.pop(uri, None)
        self._changed.pop(uri, None)


def _characters(reviews: Iterable[Review]) -> int:
    """The length of the texts that these keep in memory; most share theirs."""
    kept = {id(document): document for review in reviews for document in review.followed.versions}
    return sum(len(document.text) for document in kept.values())


def _moved(finding: Finding, followed: Followed) -> Finding | None:
    """The finding where it is now; places outside the function that cannot be found again are left out."""
    function, span = followed.now(finding.function), followed.now(finding.span)
    if function is None or span is None:
        return None
    related = tuple(_related(finding.related, followed))
    fix = None if finding.fix is None else moved_fix(finding.fix, followed)
    return replace(finding, function=function, span=span, related=related, fix=fix)


def _related(places: Iterable[Related], followed: Followed) -> Iterator[Related]:
    for place in places:
        if (span := followed.now(place.span)) is not None:
            yield replace(place, span=span)


def moved_fix(fix: Fix, followed: Followed) -> Fix | None:
    """The fix for the latest version; None when one of its edits has lost its place: half a fix is none."""
    edits: list[Edit] = []
    for edit in fix.edits:
        span = followed.now(edit.span)
        if span is None:
            return None
        edits.append(replace(edit, span=span))
    return replace(fix, edits=tuple(edits))


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
