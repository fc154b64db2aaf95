"""The code of an answer: what stands between its first pair of fences, without the talk around it.

Pieces in, code out as soon as it is certain. Knows no language.
"""

from __future__ import annotations

import re

_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})([^`\n]*)")
_FENCE_SO_FAR = re.compile(r"[ \t]*(?:`*|~*)[ \t]*")


class CodeBlock:
    """`feed` pieces until `done`, then `finish`; what `feed` gave out is always a beginning of the finished text."""

    def __init__(self) -> None:
        self.done = False
        self._text = ""
        self._line = ""
        self._code = ""
        self._fence = ""
        self._given = 0

    def feed(self, piece: str) -> str:
        """Read one more piece; the code that has become certain with it."""
        for character in piece:
            if self.done:
                break
            self._text += character
            self._line += character
            if character == "\n":
                self._end_line()
        return self._give(self._code + ("" if _FENCE_SO_FAR.fullmatch(self._line) else self._line))

    def finish(self) -> str:
        """All the code; an answer without fences is taken for nothing but code."""
        if self._line and not self.done:
            self._end_line()
        return self._code if self._fence else self._text.strip("\n")

    def _give(self, code: str) -> str:
        if not self._fence:
            return ""
        given, self._given = self._given, max(self._given, len(code))
        return code[given:]

    def _end_line(self) -> None:
        line, self._line = self._line, ""
        fence = _FENCE.match(line)
        if not self._fence:
            self._fence = fence[1] if fence else ""
        elif fence and fence[1].startswith(self._fence) and not fence[2].strip():
            self.done = True
        else:
            self._code += line
