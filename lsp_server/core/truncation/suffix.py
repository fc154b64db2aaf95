"""What the text after the cursor already holds, and so must not be written again."""

from __future__ import annotations

import re

_OPENERS = {")": "(", "]": "[", "}": "{"}
_SKIP = re.compile(r"#[^\n]*|//[^\n]*|/\*.*?\*/|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|[()\[\]{}]", re.DOTALL)
_LOOKAHEAD = 4000
"""Characters of the text after the cursor that are looked at: what is further down is not what comes next."""
_DEAD_AFTER = re.compile(r"(?:return|break|continue|pass|raise|throw|goto)\b")
_EVIDENCE = 10
"""Characters, white space apart, from which on an identical line is no accident."""


def squeeze(text: str) -> str:
    """``text`` without white space: what two differently indented or spaced lines have in common."""
    return "".join(text.split())


class Suffix:
    """The text after the cursor."""

    def __init__(self, after: str) -> None:
        near = after[:_LOOKAHEAD]
        self.rest, _, below = near.partition("\n")
        self.fills_line = bool(self.rest.strip())
        self.closers = _unmatched(near)
        self.rest_closers = _unmatched(self.rest)
        self._below = [line for line in below.split("\n") if line.strip()]
        self.lines = [squeeze(line) for line in self._below[:2]]

    @property
    def next_indent(self) -> str | None:
        """Indentation of the next line of code; None where there is none."""
        code = next((line for line in self._below if not line.lstrip().startswith(("#", "//"))), None)
        return None if code is None else code[: len(code) - len(code.lstrip())]

    @property
    def next_text(self) -> str:
        """The next line that is not blank, without its indentation."""
        return self._below[0].strip() if self._below else ""

    def owed(self, brackets: str) -> int:
        """How many of the open ``brackets``, innermost first, the text after the cursor closes."""
        count = 0
        for opener, closer in zip(reversed(brackets), self.closers, strict=False):
            if _OPENERS[closer] != opener:
                break
            count += 1
        return count

    def overlap(self, text: str) -> int:
        """How many characters at the end of ``text`` the rest of the cursor's line holds already."""
        rest = self.rest.strip()
        if not rest:
            return 0
        whole, matched = squeeze(rest), squeeze(text)
        for length in range(min(len(whole), len(matched)), 0, -1):
            shared = whole[:length]
            if matched.endswith(shared) and self._convincing(text, shared, whole):
                return _unsqueezed(text, length)
        return 0

    def _convincing(self, text: str, shared: str, whole: str) -> bool:
        """The whole rest, or a telling part of it; and brackets stay as balanced as they were to be."""
        if _unmatched(shared) or _unclosed(shared):
            return self._balances(text[: len(text) - _unsqueezed(text, len(shared))])
        return shared == whole or len(shared) >= _EVIDENCE

    def _balances(self, kept: str) -> bool:
        return _unclosed(kept) == "" and _unmatched(kept) == ""

    def repeated(self, line: str, following: str | None) -> bool:
        """Whether ``line`` (squeezed) is the next line over again; ``following`` comes after it, if known."""
        if not self.lines or line != self.lines[0]:
            return False
        if len(line) >= _EVIDENCE or _DEAD_AFTER.match(self.next_text):
            return True
        return following is not None and len(self.lines) > 1 and following == self.lines[1]


def _brackets(text: str) -> tuple[str, str]:
    """Closers without an opener, and openers without a closer."""
    unmatched, unclosed = "", ""
    for match in _SKIP.finditer(text):
        token = match.group()
        if token in "([{":
            unclosed += token
        elif token in _OPENERS:
            if unclosed:
                unclosed = unclosed[:-1]
            else:
                unmatched += token
    return unmatched, unclosed


def _unmatched(text: str) -> str:
    return _brackets(text)[0]


def _unclosed(text: str) -> str:
    return _brackets(text)[1]


def _unsqueezed(text: str, count: int) -> int:
    """Length of the shortest end of ``text`` that holds ``count`` characters which are not white space."""
    position = len(text)
    while count:
        position -= 1
        count -= not text[position].isspace()
    return len(text) - position
