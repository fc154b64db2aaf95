"""Change: what a request to write or rewrite code comes to, as a fix or as the reason there is none.

Knows no engines and no documents: the offsets of its fix refer to the document that the request was made for.
"""

from __future__ import annotations

from dataclasses import dataclass

from lsp_server.core.finding import Fix


@dataclass(frozen=True)
class Change:
    """What is offered, or why there is nothing to offer."""

    fix: Fix | None = None
    """The edits, or none: then ``reason`` says why."""
    summary: str = ""
    """One line for the user that says what changed."""
    reason: str = ""
    """Why nothing is offered, in words for the user."""
