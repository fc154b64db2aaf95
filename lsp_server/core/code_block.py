"""The code of an answer: what stands between its first pair of fences, without the talk around it.

Pieces in, code out as soon as it is certain. Knows no language.
"""

from __future__ import annotations

import re

_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})([^`\n]*)\n?\Z")
_FENCE_SO_FAR = re.compile(r"[ \t]*(?:`*|~*)[ \t]*")
_ANNOUNCEMENT = re.compile(r"\A\s*[A-Z][^\n]*:[ \t]*\n")
"""``Sure, here it is:`` above code that no fence begins."""


class CodeBlock:
    """`feed` pieces until `done`, then `finish`; what `feed` gave out is always a beginning of the finished text."""

    def __init__(self) -> None:
        self.done = False
        self._above = ""
        """What was read before the code began."""
        self._line = ""
        self._code = ""
        self._fence = ""
        self._given = 0

    def feed(self, piece: str) -> str:
        """Read one more piece; the code that has become certain with it."""
        for character in piece:
            if self.done:
                break
            self._line += character
            if character == "\n":
                self._end_line()
        return self._give(self._code + ("" if _FENCE_SO_FAR.fullmatch(self._line) else self._line))

    def finish(self) -> str:
        """All the code; an answer in which no fence begins any is taken for nothing but code."""
        if self._line and not self.done:
            self._end_line()
        return self._code if self._fence else _ANNOUNCEMENT.sub("", self._above, count=1).strip("\n")

    def _give(self, code: str) -> str:
        if not self._fence:
            return ""
        given, self._given = self._given, max(self._given, len(code))
        return code[given:]

    def _end_line(self) -> None:
        line, self._line = self._line, ""
        fence = _FENCE.match(line)
        if self._fence:
            self.done = fence is not None and fence[1].startswith(self._fence) and not fence[2].strip()
            self._code += "" if self.done else line
        elif fence and (fence[2].strip() or self._introduced):
            self._fence = fence[1]
        elif fence:
            self.done = True
        else:
            self._above += line

    @property
    def _introduced(self) -> bool:
        """Whether a fence without a word begins code here; right below a line of code it ends what nobody began."""
        above = self._above.removesuffix("\n").rpartition("\n")[2].strip()
        return not above or above.endswith(":")
