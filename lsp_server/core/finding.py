"""What a review comes to: findings, each of one function, with the fix where one is known.

Offsets are those of the document that was reviewed. It must never know who found something, or how it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from lsp_server.core.document import Span


class Severity(Enum):
    """How bad it is; the value is fit to be shown."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


@dataclass(frozen=True)
class Category:
    """A kind of finding. ``name`` is the diagnostic's code; ``meaning`` says in a sentence what is wrong with it."""

    name: str
    severity: Severity
    meaning: str


CATEGORIES: tuple[Category, ...] = (
    Category("wrong-condition", Severity.WARNING, "The condition decides something else than what is meant."),
    Category("wrong-value", Severity.WARNING, "A value, operator, variable or argument is not the one that is meant."),
    Category("wrong-call", Severity.WARNING, "Another function or method is called than the one that is meant."),
    Category("off-by-one", Severity.WARNING, "A bound or an index is one too far or one too short."),
    Category("missing-code", Severity.WARNING, "A step or a case that the function needs is not there."),
    Category("excess-code", Severity.WARNING, "A step is done that must not be done."),
    Category("assignment-in-condition", Severity.ERROR, "A condition assigns where a comparison is meant."),
    Category("unknown-name", Severity.ERROR, "Nothing declares the name, and a name much like it exists."),
    Category("copied-struct", Severity.WARNING, "A structure is copied at every call where a reference would do."),
    Category("unreachable-code", Severity.WARNING, "The code can never run."),
    Category("missing-return", Severity.WARNING, "A path through the function returns nothing where a value is meant."),
    Category("mutable-default", Severity.WARNING, "A default value is shared by all calls and changed by them."),
    Category("constant-condition", Severity.WARNING, "The condition always has the same value."),
    Category("unused-value", Severity.WARNING, "A value is computed and nothing uses it."),
    Category("unclosed-resource", Severity.WARNING, "Something is opened and not closed on every path."),
    Category("failing-example", Severity.ERROR, "The function does not do what an example in its documentation says."),
)
"""The closed set: what computes findings and what the model may say use these and no others."""


def category(name: str) -> Category:
    """The row of that name. Raises StopIteration when there is none."""
    return next(row for row in CATEGORIES if row.name == name)


@dataclass(frozen=True)
class Edit:
    """``text`` replaces ``span``."""

    span: Span
    text: str


@dataclass(frozen=True)
class Fix:
    """``title`` says in a few words what the ``edits`` do; they do not overlap."""

    title: str
    edits: tuple[Edit, ...]

    def applied(self, text: str) -> str:
        """``text`` with all edits made."""
        for edit in sorted(self.edits, key=lambda edit: edit.span.start, reverse=True):
            text = text[: edit.span.start] + edit.text + text[edit.span.end :]
        return text


@dataclass(frozen=True)
class Related:
    """Another place that a finding is about."""

    span: Span
    message: str


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with ``function`` (the span of the whole of it), at ``span`` inside it.

    ``message`` is one sentence. ``confidence`` is between 0 and 1; what was computed, not guessed, has 1.
    """

    function: Span
    span: Span
    category: str
    severity: Severity
    message: str
    confidence: float = 1.0
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
