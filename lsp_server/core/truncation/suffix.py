"""What the text after the cursor already holds, and so must not be written again."""

from __future__ import annotations

import re

from lsp_server.core.truncation.tokens import width

_OPENERS = {")": "(", "]": "[", "}": "{"}
_CLOSERS = {opener: closer for closer, opener in _OPENERS.items()}
_LITERAL = r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|[()\[\]{}]"
_HASH = re.compile(rf"#[^\n]*|{_LITERAL}")
_SLASHES = re.compile(rf"//[^\n]*|/\*.*?\*/|{_LITERAL}", re.DOTALL)
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

    def __init__(self, after: str, line_comment: str) -> None:
        self._tokens = _HASH if line_comment == "#" else _SLASHES
        near = after[:_LOOKAHEAD]
        self.rest, _, below = near.partition("\n")
        self.fills_line = bool(self.rest.strip())
        self.closers = self._unmatched(near)
        self.rest_closers = self._unmatched(self.rest)
        self._below = [line for line in below.split("\n") if line.strip()]
        self.lines = [squeeze(line) for line in self._below[:2]]

    @property
    def next_indent(self) -> str | None:
        """Indentation of the next line of code; None where there is none."""
        code = next((line for line in self._below if not line.lstrip().startswith(("#", "//"))), None)
        return None if code is None else code[: len(code) - len(code.lstrip())]

    def has(self, plain: str, column: int) -> bool:
        """Whether a line that is ``plain`` when squeezed, and long enough to tell, stands in that column below."""
        if len(plain) < _EVIDENCE:
            return False
        return any(squeeze(line) == plain and width(line[: -len(line.lstrip())]) == column for line in self._below)

    @property
    def next_text(self) -> str:
        """The next line that is not blank, without its indentation."""
        return self._below[0].strip() if self._below else ""

    def deeper(self, column: int) -> bool:
        """Whether the next line of code is indented more than ``column``."""
        return self.next_indent is not None and width(self.next_indent) > column

    def closes_below(self, column: int) -> bool:
        """Whether the lines below that are indented more than ``column`` end in a ``}`` that stands there."""
        indents = ((width(line[: len(line) - len(line.lstrip())]), line.strip()) for line in self._below)
        return next((text[0] == "}" and indent == column for indent, text in indents if indent <= column), False)

    def starts_with(self, text: str) -> bool:
        """Whether the rest of the cursor's line begins with ``text``."""
        return self.rest.lstrip().startswith(text)

    def owed(self, brackets: str) -> int:
        """How many of the open ``brackets``, innermost first, the text after the cursor closes."""
        count = 0
        for opener, closer in zip(reversed(brackets), self.closers, strict=False):
            if _OPENERS[closer] != opener:
                break
            count += 1
        return count

    def tail(self, brackets: str) -> str:
        """What closes those of the open ``brackets`` that the text after the cursor does not close."""
        known = next(count for count in range(len(brackets), -1, -1) if self.owed(brackets[:count]) == count)
        return "".join(_CLOSERS[opener] for opener in reversed(brackets[known:]))

    def closes_all(self, brackets: str) -> bool:
        """Whether the text after the cursor closes all of the open ``brackets`` and nothing more."""
        return self.owed(brackets) == len(brackets) == len(self.closers)

    def overlap(self, line: str, text: str) -> int:
        """How many characters at the end of ``text`` the rest of the cursor's line holds already.

        ``line`` is what stands before the cursor on it: with the right overlap taken off, brackets balance.
        """
        whole, written = squeeze(self.rest), squeeze(text)
        for length in range(min(len(whole), len(written)), 0, -1):
            if written.endswith(whole[:length]) and _telling(whole, length):
                count = _unsqueezed(text, length)
                if self.balances(line + text[: len(text) - count] + self.rest):
                    return count
        return 0

    def repeated_whole(self, text: str) -> bool:
        """Whether ``text`` ends with all of the rest of the cursor's line."""
        whole = squeeze(self.rest)
        return bool(whole) and squeeze(text[-2 * len(self.rest) - 80 :]).endswith(whole)

    def balances(self, line: str) -> bool:
        """Whether brackets in the cursor's ``line`` close one another, save for those that lines below close."""
        unmatched, unclosed = self._brackets(line)
        below = self._unmatched("\n".join(self._below))
        return not unmatched.strip("}") and len(unclosed.replace("{", "")) <= len(below.replace("}", ""))

    def _brackets(self, text: str) -> tuple[str, str]:
        """Closers without an opener, and openers without a closer."""
        unmatched, unclosed = "", ""
        for match in self._tokens.finditer(text):
            token = match.group()
            if token in "([{":
                unclosed += token
            elif token in _OPENERS:
                unclosed, unmatched = unclosed[:-1], unmatched + (token if not unclosed else "")
        return unmatched, unclosed

    def _unmatched(self, text: str) -> str:
        return self._brackets(text)[0]

    def repeated(self, line: str, following: str | None) -> bool:
        """Whether ``line`` (squeezed) is the next line over again; ``following`` comes after it, if known."""
        if not self.lines or line != self.lines[0]:
            return False
        if len(line) >= _EVIDENCE or _DEAD_AFTER.match(self.next_text):
            return True
        return following is not None and len(self.lines) > 1 and following == self.lines[1]


def _telling(whole: str, length: int) -> bool:
    """Whether so long a beginning of the rest is no accident: only closers are left of it, or it is long."""
    return not any(character.isalnum() for character in whole[length:]) or length >= _EVIDENCE


def _unsqueezed(text: str, count: int) -> int:
    """Length of the shortest end of ``text`` that holds ``count`` characters which are not white space."""
    position = len(text)
    while count:
        position -= 1
        count -= not text[position].isspace()
    return len(text) - position
