"""The construct a completion is to write: what truncation needs to know of the place, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsp_server.core.context import Extent

if TYPE_CHECKING:
    from lsp_server.core.languages import Language


@dataclass(frozen=True)
class Target:
    """What is being written, and into what.

    The document, once the completion is accepted, reads ``head + typed + <inserted> + after``; the model, having
    read ``head + lead``, continues with raw text. All text uses ``\\n`` line ends.
    """

    language: Language
    extent: Extent
    head: str
    """Document text before the cursor, less ``typed``. Scanning state (open brackets, open string) starts here."""
    typed: str
    """White space the user already has on the cursor's line when nothing else is before the cursor there, else ``""``."""
    lead: str
    """Text that must come first in the insertion and that the model was shown as if written: ``""``, ``"\\n"``, ``" {\\n"``."""
    after: str
    """Document text after the cursor."""
    indent: str
    """White space in front of the construct's own statements: for a body one level below its function."""
    unit: str
    """One level of indentation in this document."""
    closed: bool
    """The text after the cursor already holds what closes the construct (a ``}``); it must not be written again."""
