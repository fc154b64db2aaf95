"""What editors do about brackets and quotes: they close them as they are typed, and a closer may be typed over.

So does VS Code as it comes, where nothing but white space or a closer follows, for a quote not behind a letter either.
After Enter in a pair of brackets the closer stands on a line of its own; the hands reach it with the arrow keys.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.benchmarks.typing.screen import Place

_BRACKETS = {"(": ")", "[": "]", "{": "}"}
_QUOTES = "\"'"
_CLOSERS = {**_BRACKETS, **dict(zip(_QUOTES, _QUOTES, strict=True))}
_LITERAL = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\d'\d")
_BEGUN = re.compile(r"\w\w$|[^\WbfruBFRU]$|[\\\"']$")
"""What a quote does not begin a string behind, prefixes of strings apart."""
_IN_FRONT_OF = " \t\n)]};,"


@dataclass
class Closers:
    """What the editor has closed by itself in a document and nobody has typed over yet, innermost last."""

    pending: list[str] = field(default_factory=list)

    def pressed(self, place: Place, key: str, following: str) -> Place:
        """The place after a key, with the ``following`` one in mind; Enter brings the next line's indentation along."""
        behind = place.text[place.cursor :]
        space = len(behind) - len(behind.lstrip())
        waits = bool(self.pending) and behind[space : space + 1] == self.pending[-1]
        if waits and key == self.pending[-1]:
            self.pending.pop()
            return place.inserted(key, behind=space + 1)
        if waits and key == behind[:space] and following == self.pending[-1]:
            return Place(place.document, place.cursor + space)
        before = place.text[place.cursor - 1 : place.cursor]
        if waits and not space and key[0] == "\n" and _BRACKETS.get(before) == behind[0]:
            return place.inserted(key, then="\n" + _indent(place))
        closer = self._closer(place, key)
        self.pending += closer
        return place.inserted(key, then=closer)

    def erased(self, place: Place) -> Place:
        """The place after a step back, which takes an empty pair away as a whole."""
        before, behind = place.text[place.cursor - 1], place.text[place.cursor : place.cursor + 1]
        pair = self.pending[-1:] == [behind] and _CLOSERS.get(before) == behind
        if pair:
            self.pending.pop()
        return place.inserted("", before=1, behind=pair)

    def accepted(self, place: Place, text: str) -> Place:
        """The place after a suggestion was taken: closers behind the cursor that it brings itself are replaced."""
        end = place.cursor
        for _ in range(_closed_by(text)):
            behind = place.text[end:]
            if self.pending[-1:] != [behind.lstrip()[:1]]:
                break
            end += len(behind) - len(behind.lstrip()) + 1
            self.pending.pop()
        return place.inserted(text, behind=end - place.cursor)

    @staticmethod
    def _closer(place: Place, key: str) -> str:
        before, behind = place.text[: place.cursor], place.text[place.cursor : place.cursor + 1]
        if (behind and behind not in _IN_FRONT_OF) or _is_prose(before):
            return ""
        if key in _QUOTES and _BEGUN.search(before[-2:]):
            return ""
        return _CLOSERS.get(key, "")


def _is_prose(before: str) -> bool:
    """Whether the text has come to a string or a comment."""
    code = _LITERAL.sub("", before.rpartition("\n")[2])
    return before.count('"""') % 2 == 1 or any(mark in code for mark in ('"', "'", "//", "#"))


def _indent(place: Place) -> str:
    line = place.text[place.text.rfind("\n", 0, place.cursor) + 1 : place.cursor]
    return line[: len(line) - len(line.lstrip())]


def _closed_by(text: str) -> int:
    """How many brackets a text closes that it does not open."""
    depth = owed = 0
    for character in text:
        depth += (character in _BRACKETS) - (character in _BRACKETS.values())
        owed = max(owed, -depth)
    return owed
