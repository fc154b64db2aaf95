"""An incremental lexer for C and C++: one character in, finished tokens out.

Knows strings and raw strings, character literals and digit separators, both kinds of comment, continued
lines and preprocessor lines. Recovers at the end of the line from a literal that was never closed.
"""

from __future__ import annotations

from collections.abc import Callable

from lsp_server.core.truncation.tokens import Kind, Token

_RAW_PREFIXES = frozenset(("R", "LR", "uR", "UR", "u8R"))
_PREFIXES = frozenset(("L", "u", "U", "u8"))
_PAIRS = frozenset(("::", "->", "&&", "||", "==", "<=", ">=", "!="))
_INSIDE = {
    "_raw_string": "string",
    "_literal": "string",
    "_line_comment": "comment",
    "_block_comment": "comment",
    "_directive": "directive",
    "_directive_comment": "directive",
}


class CLexer:
    """Feed it characters with `push`; ``inside`` tells the state between two of them."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        self._found: list[Token] = []
        self._state: Callable[[str], None] = self._code
        self._fresh = True
        self._column = 0
        self._start = offset
        self._text = ""
        self._last = ""
        self._ending = ""

    def push(self, character: str) -> list[Token]:
        """The tokens that ``character`` completes, oldest first."""
        self._found = []
        self._state(character)
        self.offset += 1
        return self._found

    @property
    def inside(self) -> str:
        """``"string"``, ``"comment"``, ``"directive"`` or, in code, ``""``."""
        return _INSIDE.get(self._state.__name__, "")

    def _emit(self, kind: Kind, text: str, start: int, end: int) -> None:
        self._found.append(Token(kind, text, start, end, self._column))

    def _here(self, kind: Kind, text: str) -> None:
        self._emit(kind, text, self.offset, self.offset + 1)

    def _enter(self, state: Callable[[str], None], text: str) -> None:
        self._start, self._text, self._last, self._state = self.offset, text, "", state

    def _code(self, ch: str) -> None:
        if ch == "\n":
            self._newline()
        elif ch in " \t\f\v\r":
            if self._fresh:
                self._column = self._column // 8 * 8 + 8 if ch == "\t" else self._column + 1
        elif ch == "#" and self._fresh:
            self._enter(self._directive, "")
        elif ch == "/":
            self._enter(self._slash, "/")
        else:
            self._begin(ch, self.offset)
            self._symbol(ch)

    def _begin(self, ch: str, start: int) -> None:
        if self._fresh:
            self._fresh = False
            self._emit(Kind.BEGIN, ch, start, start + 1)

    def _newline(self) -> None:
        self._here(Kind.BREAK, "")
        self._fresh, self._column = True, 0

    def _symbol(self, ch: str) -> None:
        if ch.isalnum() or ch in "_$":
            self._enter(self._number if ch.isdigit() else self._word, ch)
        elif ch in "\"'":
            self._enter(self._literal, "")
            self._ending = ch
        elif ch in "([{":
            self._here(Kind.OPEN, ch)
        elif ch in ")]}":
            self._here(Kind.CLOSE, ch)
        elif ch in ":-&|=<>!":
            self._enter(self._pair, ch)
        elif ch == "\\":
            self._state = self._continuation
        else:
            self._here(Kind.MARK, ch)

    def _continuation(self, ch: str) -> None:
        self._state = self._code
        if ch != "\n":
            self._code(ch)

    def _pair(self, ch: str) -> None:
        """Tell ``:`` from ``::`` and ``>`` from ``->``."""
        self._state = self._code
        if self._text + ch in _PAIRS:
            self._emit(Kind.MARK, self._text + ch, self._start, self.offset + 1)
        else:
            self._emit(Kind.MARK, self._text, self._start, self.offset)
            self._code(ch)

    def _slash(self, ch: str) -> None:
        if ch in "/*":
            self._text, self._state = "", self._line_comment if ch == "/" else self._block_comment
            return
        self._begin("/", self._start)
        self._state = self._code
        self._emit(Kind.MARK, "/", self._start, self._start + 1)
        self._code(ch)

    def _line_comment(self, ch: str) -> None:
        if ch == "\n" and self._last != "\\":
            self._state = self._code
            self._emit(Kind.COMMENT, "", self._start, self.offset)
            self._newline()
        self._last = ch

    def _block_comment(self, ch: str) -> None:
        if self._last == "*" and ch == "/":
            self._state = self._code
            self._emit(Kind.COMMENT, "", self._start, self.offset + 1)
        self._last = ch

    def _word(self, ch: str) -> None:
        if ch.isalnum() or ch in "_$":
            self._text += ch
        elif ch == '"' and self._text in _RAW_PREFIXES:
            self._text, self._ending, self._state = "", "", self._raw_string
        elif ch in "\"'" and self._text in _PREFIXES:
            self._ending, self._last, self._state = ch, "", self._literal
        else:
            self._end_word(ch)

    def _number(self, ch: str) -> None:
        if ch.isalnum() or ch in "_.'":
            self._text += ch
        else:
            self._end_word(ch)

    def _end_word(self, ch: str) -> None:
        self._state = self._code
        self._emit(Kind.WORD, self._text, self._start, self.offset)
        self._code(ch)

    def _raw_string(self, ch: str) -> None:
        """``_text`` holds the delimiter, then, once ``_ending`` is made of it, a tail of what was read."""
        self._text += ch
        if not self._ending:
            if ch == "(":
                self._ending, self._text = f'){self._text[:-1]}"', ""
        elif self._text.endswith(self._ending):
            self._state = self._code
            self._emit(Kind.STRING, '"', self._start, self.offset + 1)
        else:
            self._text = self._text[-len(self._ending) :]

    def _literal(self, ch: str) -> None:
        if self._last == "\\":
            self._last = ""
        elif ch in ("\n", self._ending):
            self._state = self._code
            end = self.offset + (ch != "\n")
            self._emit(Kind.STRING, self._ending, self._start, end)
            if ch == "\n":
                self._newline()
        else:
            self._last = ch

    def _directive(self, ch: str) -> None:
        if ch == "\n" and self._last != "\\":
            self._state = self._code
            self._emit(Kind.DIRECTIVE, self._text, self._start, self.offset)
            self._newline()
        elif ch == "*" and self._last == "/":
            self._last, self._state = "", self._directive_comment
        else:
            self._text, self._last = self._text + ch, ch

    def _directive_comment(self, ch: str) -> None:
        if ch == "/" and self._last == "*":
            self._state = self._directive
        self._last = ch
