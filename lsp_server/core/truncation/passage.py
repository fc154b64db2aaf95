"""Where what a comment asks for ends, told of statements and blank lines as they are read; it knows no language."""

from __future__ import annotations

from lsp_server.core.context import Extent

_LEAVING = frozenset(("return", "raise", "throw", "break", "continue"))
"""After these nothing that follows on their level would be reached."""


class Passage:
    """A definition ends what was asked for as one; statements end where a blank line or a comment parts them from more.

    It is told of statements on the construct's own level, and of lines without code wherever they are.
    """

    def __init__(self, extent: Extent, goes_on: bool) -> None:
        self._extent = extent
        self._goes_on = goes_on
        """Statements follow it on its level, which can be reached."""
        self._written = self._defined = False
        self._blank, self._stated = -1, 0

    def blank(self, offset: int) -> None:
        """A line without code ends at ``offset``."""
        self._blank = offset

    def goes_on(self, offset: int) -> None:
        """Code that ends at ``offset`` is part of a statement that was told of, or will be."""
        self._stated = offset

    def stated(self, offset: int, *, defines: bool, prepares: bool) -> None:
        """A statement ends, or its header does; it may be a definition, or only prepare what is asked for."""
        self._stated = offset
        self._defined = self._defined or defines
        self._written = self._written or not prepares

    def ends_before(self, word: str) -> bool:
        """Whether a statement that begins with ``word`` on its level is none of it any more."""
        leaves = self._extent is Extent.PASSAGE and self._written and self._goes_on and word in _LEAVING
        return self.over or leaves

    @property
    def complete(self) -> bool:
        """Whether nothing more belongs to it, whatever comes."""
        return self._extent is Extent.DEFINITION and self._defined

    @property
    def over(self) -> bool:
        """Whether a statement that begins now on its level is none of it any more."""
        parted = self._extent is Extent.PASSAGE and self._written and self._blank > self._stated
        return parted or self.complete
