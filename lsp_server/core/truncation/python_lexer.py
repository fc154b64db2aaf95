"""An incremental lexer for Python: one character in, finished tokens out.

Knows strings (prefixes, triple quotes, nested fields of f-strings as of 3.12), comments, brackets,
continued lines and indentation. Recovers at the end of the line from a string that was never closed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lsp_server.core.truncation.tokens import Kind, Token

_PREFIXES = frozenset(["r", "b", "u", "f", "t", "br", "rb", "fr", "rf", "tr", "rt"])
_OPENERS = {")": "(", "]": "[", "}": "{"}


@dataclass
class _String:
    """An open string; ``fields`` holds the bracket depth inside each open ``{`` of an f-string."""

    quote: str
    raw: bool
    formatted: bool
    start: int
    long: bool = False
    fields: list[int] = field(default_factory=list)


class PythonLexer:
    """Feed it characters with `push`; ``brackets``, ``inside`` and ``continued`` tell the state between two of them."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        self.brackets: list[str] = []
        self._strings: list[_String] = []
        self._found: list[Token] = []
        self._state: Callable[[str], None] = self._code
        self._fresh = True
        self._column = 0
        self._start = offset
        self._word = ""
        self._run = 0
        self._escaped = self._named = self._joined = False

    def push(self, character: str) -> list[Token]:
        """The tokens that ``character`` completes, oldest first."""
        self._found = []
        self._state(character)
        self.offset += 1
        return self._found

    @property
    def inside(self) -> str:
        """``"string"``, ``"comment"`` or, in code, ``""``."""
        if self._state == self._comment:
            return "comment"
        return "string" if self._state in (self._string, self._brace) else ""

    @property
    def continued(self) -> bool:
        """Whether a line that began now would continue the one before it."""
        return bool(self.brackets) or self._joined

    def _emit(self, kind: Kind, text: str, start: int, end: int) -> None:
        self._found.append(Token(kind, text, start, end, self._column))

    def _here(self, kind: Kind, text: str) -> None:
        self._emit(kind, text, self.offset, self.offset + 1)

    def _code(self, ch: str) -> None:
        if ch == "\n":
            self._newline()
        elif ch in " \t\f\r":
            self._space(ch)
        elif ch == "#":
            self._begin_at(self._comment)
        else:
            self._joined = False
            if self._fresh:
                self._fresh = False
                self._here(Kind.BEGIN, ch)
            self._symbol(ch)

    def _space(self, ch: str) -> None:
        if self._fresh:
            self._column = {"\t": self._column // 8 * 8 + 8, "\f": 0}.get(ch, self._column + 1)

    def _newline(self) -> None:
        self._joined = False
        self._here(Kind.BREAK, "")
        if not self.brackets:
            self._fresh, self._column = True, 0

    def _begin_at(self, state: Callable[[str], None]) -> None:
        self._start, self._state = self.offset, state

    def _symbol(self, ch: str) -> None:
        if ch.isalnum() or ch == "_":
            self._word = ch
            self._begin_at(self._in_word)
        elif ch in "\"'":
            self._open_string(ch, "", self.offset)
        elif ch in "([{":
            self.brackets.append(ch)
            self._here(Kind.OPEN, ch)
        elif ch in ")]}":
            self._close_bracket(ch)
        elif ch == "\\":
            self._state = self._continuation
        elif ch == ":" and self._in_field:
            self._state = self._string
        else:
            self._here(Kind.MARK, ch)

    @property
    def _in_field(self) -> bool:
        """Directly inside a replacement field of an f-string, in none of its own brackets."""
        return bool(self._strings) and self._strings[-1].fields[-1:] == [len(self.brackets)]

    def _close_bracket(self, ch: str) -> None:
        if ch == "}" and self._in_field:
            self._close_field()
            return
        floor = self._strings[-1].fields[-1] if self._strings and self._strings[-1].fields else 0
        if _OPENERS[ch] in self.brackets[floor:]:
            while self.brackets.pop() != _OPENERS[ch]:
                pass
        self._here(Kind.CLOSE, ch)

    def _close_field(self) -> None:
        self.brackets.pop()
        self._strings[-1].fields.pop()
        self._state = self._string

    def _continuation(self, ch: str) -> None:
        self._state = self._code
        if ch == "\n":
            self._joined = True
        else:
            self._code(ch)

    def _in_word(self, ch: str) -> None:
        if ch.isalnum() or ch == "_":
            self._word += ch
        elif ch in "\"'" and self._word.lower() in _PREFIXES:
            self._open_string(ch, self._word.lower(), self._start)
        else:
            self._state = self._code
            self._emit(Kind.WORD, self._word, self._start, self.offset)
            self._code(ch)

    def _comment(self, ch: str) -> None:
        if ch == "\n":
            self._state = self._code
            self._emit(Kind.COMMENT, "", self._start, self.offset)
            self._newline()

    def _open_string(self, quote: str, prefix: str, start: int) -> None:
        formatted = "f" in prefix or "t" in prefix
        self._strings.append(_String(quote, "r" in prefix, formatted, start))
        self._run = 1
        self._state = self._opening

    def _opening(self, ch: str) -> None:
        """Tell ``'`` from ``''`` from ``'''``."""
        string = self._strings[-1]
        if ch == string.quote:
            self._run += 1
            if self._run == 3:
                string.long, self._run, self._state = True, 0, self._string
        elif self._run == 2:
            self._end_string(self.offset)
            self._code(ch)
        else:
            self._run, self._state = 0, self._string
            self._string(ch)

    def _end_string(self, end: int) -> None:
        string = self._strings.pop()
        if string.fields:
            del self.brackets[string.fields[0] - 1 :]
        self._state, self._run, self._escaped = self._code, 0, False
        self._emit(Kind.STRING, string.quote * (3 if string.long else 1), string.start, end)

    def _string(self, ch: str) -> None:
        string = self._strings[-1]
        named, self._named = self._named, False
        if ch == "\n":
            self._break_in_string(string)
        elif self._escaped:
            self._escaped, self._named = False, ch == "N" and not string.raw
        elif ch == "\\":
            self._escaped = True
        elif ch == string.quote:
            self._closing_quote(string)
            return
        elif string.formatted and not named:
            self._braces(ch, string)
        self._run = 0

    def _break_in_string(self, string: _String) -> None:
        if string.long or self._escaped:
            self._escaped = False
            self._here(Kind.BREAK, "string")
            return
        while self._strings and not self._strings[-1].long:
            self._end_string(self.offset)
        self._state = self._string if self._strings else self._code
        self._newline()

    def _closing_quote(self, string: _String) -> None:
        self._run += 1
        if not string.long or self._run == 3:
            self._end_string(self.offset + 1)

    def _braces(self, ch: str, string: _String) -> None:
        if ch == "{":
            self._state = self._brace
        elif ch == "}" and string.fields:
            self._close_field()

    def _brace(self, ch: str) -> None:
        """Tell the start of a field from a doubled, literal brace."""
        if ch == "{":
            self._state = self._string
            return
        self.brackets.append("{")
        self._strings[-1].fields.append(len(self.brackets))
        self._state = self._code
        self._code(ch)
