"""What a user can ask for beyond completions: a row for each command, and for the code action that offers it.

This module must never know how something is done, or what an editor is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

PREFIX = "phi-lsp."


class Place(Enum):
    """Where an action is offered."""

    FUNCTION = "in a function that has a body"
    STUB = "in a function whose body is to be written"
    COMMENT = "on a comment that stands alone"
    FINDING = "on a finding"
    FIX = "on a finding with a fix"
    NOWHERE = "only as a command"
    SERVER = "about the server itself, only as a command"


@dataclass(frozen=True)
class Argument:
    """A member of the one object that a command takes. ``meaning`` is for people."""

    name: str
    meaning: str
    required: bool = True


URI = Argument("uri", "the document, which must be open")
POSITION = Argument("position", "a place in the function or the comment", required=False)
RANGE = Argument("range", "a selection instead of a position", required=False)
INSTRUCTION = Argument("instruction", "how, in a few words", required=False)
FINDING = Argument("finding", "the name of the finding, from its diagnostic's data")
LANGUAGE = Argument("language", "the identifier of a language; without it all of them", False)
SECONDS = Argument("seconds", "for how long; without it until it is resumed", False)
CATEGORY = Argument("category", "the kind of findings to show again; without it everything that was dismissed", False)
ASK = Argument("ask", "true: not before the user has agreed to the model, its size and its licence", False)


@dataclass(frozen=True)
class Action:
    """Something to ask for. ``kind`` is that of its code action; ``edits`` when it comes to a change of the text.

    ``unasked`` is the kind where an editor did not name kinds: some editors leave out ``source`` actions then.
    """

    name: str
    title: str
    place: Place
    kind: str
    arguments: tuple[Argument, ...]
    edits: bool = False
    unasked: str | None = None

    @property
    def command(self) -> str:
        """Its name for ``workspace/executeCommand``."""
        return PREFIX + self.name

    def kind_for(self, only: tuple[str, ...] | None) -> str | None:
        """The kind to offer it as when an editor asked for the kinds ``only``; None when for none of them."""
        if only is None:
            return self.kind if self.unasked is None else self.unasked
        return self.kind if any(_is_kind(self.kind, asked) for asked in only) else None


def _is_kind(kind: str, asked: str) -> bool:
    return asked in ("", kind) or kind.startswith(f"{asked}.")


AT = (URI, POSITION, RANGE)
OF = (URI, FINDING)

ACTIONS: tuple[Action, ...] = (
    Action("fix", "Apply fix: {fix}", Place.FIX, "quickfix", OF, edits=True),
    Action("explain", "Explain: {message}", Place.FINDING, "quickfix.phi-lsp.explain", OF),
    Action("dismiss", "Dismiss: {message}", Place.FINDING, "quickfix.phi-lsp.dismiss", OF),
    Action("dismissKind", "Dismiss all of the kind {category}", Place.FINDING, "quickfix.phi-lsp.dismissKind", OF),
    Action("complete", "Complete this function", Place.STUB, "refactor.rewrite.phi-lsp.complete", AT, edits=True),
    Action("generate", "Write code for this comment", Place.COMMENT, "refactor.rewrite.phi-lsp.generate", AT, True),
    Action("review", "Review this function", Place.FUNCTION, "source.phi-lsp.review", AT, unasked=""),
    Action(
        "rewrite",
        "Rewrite this function",
        Place.FUNCTION,
        "refactor.rewrite.phi-lsp",
        (*AT, INSTRUCTION),
        edits=True,
    ),
    Action("docstring", "Write the docstring", Place.FUNCTION, "refactor.rewrite.phi-lsp.docstring", AT, edits=True),
    Action("restore", "Show dismissed findings again", Place.NOWHERE, "", (CATEGORY,)),
    Action("pause", "Pause completions", Place.SERVER, "", (LANGUAGE, SECONDS)),
    Action("resume", "Resume completions", Place.SERVER, "", (LANGUAGE,)),
    Action("download", "Download the model", Place.SERVER, "", (ASK,)),
    Action("restart", "Restart the model", Place.SERVER, "", ()),
)
"""In the order in which they are offered."""

KINDS = ("quickfix", "refactor.rewrite", "source.phi-lsp.review")
"""The kinds that are offered, for the editor to know beforehand."""


def by_command(command: str) -> Action | None:
    """The row of a command, None when there is none."""
    return next((row for row in ACTIONS if row.command == command), None)


def action(name: str) -> Action:
    """The row of that name. Raises StopIteration when there is none."""
    return next(row for row in ACTIONS if row.name == name)
