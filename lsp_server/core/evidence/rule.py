"""What a rule is: a row of data that names the places to look at and the check that looks at them.

A check is pure: from a place in the tree to what is wrong with it. It must never know who asks or how it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from tree_sitter import Node

from lsp_server.core.document import Span
from lsp_server.core.evidence.subject import Subject
from lsp_server.core.finding import Edit, Fix, Related
from lsp_server.core.languages import CPP, PYTHON, C, Language

Place = Node | Span
"""A node of the tree, or a span of the document where no node covers exactly what is meant."""

BRACES: tuple[Language, ...] = (C, CPP)
EVERY: tuple[Language, ...] = (PYTHON, C, CPP)
ONLY_PYTHON: tuple[Language, ...] = (PYTHON,)


@dataclass(frozen=True)
class Sighting:
    """Something seen at ``place``. ``words`` fill the rule's message; ``change`` is what mends it for certain."""

    place: Place
    words: Mapping[str, str] = field(default_factory=dict)
    related: tuple[tuple[Place, str], ...] = ()
    title: str = ""
    change: tuple[tuple[Place, str], ...] = ()

    def others(self, subject: Subject) -> tuple[Related, ...]:
        """The other places that matter, as spans of the document."""
        return tuple(Related(subject.span(place), message) for place, message in self.related)

    def fix(self, subject: Subject) -> Fix | None:
        """The change as edits of the document; None where nothing is certain to mend it."""
        edits = tuple(Edit(subject.span(place), text) for place, text in self.change)
        return Fix(self.title, edits) if edits else None


@dataclass(frozen=True)
class Rule:
    """``check`` is called with every node that the query captures under the name ``capture`` in a function.

    ``message`` is one sentence with the sighting's words in braces. A ``whole`` rule reasons from what is *not* in
    the function, and says nothing where any of it does not parse or depends on the preprocessor.
    """

    name: str
    languages: tuple[Language, ...]
    category: str
    capture: str
    check: Callable[[Subject, Node], Iterable[Sighting]]
    message: str
    whole: bool = False
