"""The examples of use that documentation gives: which call gives which value, both as expressions of its language.

It reads text only and never raises. A wrong example would reject right code, so whatever is unclear is no example.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from lsp_server.core.notation import LONGEST, Notation, bracket_end
from lsp_server.core.python_notation import PYTHON_NOTATION

_MOST = 16
"""Examples beyond these add time and little certainty."""

_ENDED = (
    r"[`\"')*\]]*[ \t]*[.;,]?[ \t]*"
    r"(?:$|\n|#|//|\((?!.*(?:approx|about|round))|(?:because|since)\b|(?:and[ \t]+)?`?{name}\()"
)
"""What may come behind a value; anything else may change it."""

_MARKS = ("-", "*", "+")
_BEGINS = ("assert", ">>>", "and", "print", ".", "->", "=>")
"""What may stand before a call on its line: marks of lists with a space behind, prompts, the end of a sentence."""

_PART = re.compile(r"(?:\b(?:not|or|in|is|if|unless|when|than|lambda|def|return|yield|await)|[-+*/%<>=&|^~!@.({\[])$")
"""Before a call these make it a part of something else, or deny it."""


_GIVEN = re.compile(r"\b(?:[Ff]or|[Gg]iven|Input[ \t]*:)[ \t]+(?=[\w\[({'\"+-])")
_NAMED = re.compile(r"([A-Za-z_]\w*)[ \t]*=[ \t]*(?!=)")
_NEXT = re.compile(r"[ \t]*(?:,|and\b)[ \t]*(?=[A-Za-z_]\w*[ \t]*=)")
_RESULT = re.compile(
    r"[ \t]*,?[ \t]*(?:the[ \t]+)?(?:output|result)[ \t]+(?:(?:should|will|must|would)[ \t]+be|is)[ \t]*:?[ \t]*"
    r"|[ \t]*\n[ \t]*(?:Output|Result)[ \t]*:[ \t]*"
)
"""Where arguments are stated without a call, how they are named and joined, and what announces the value."""


@dataclass(frozen=True)
class Example:
    """``call`` is an expression in which the function is called with literals; ``expected`` a literal."""

    call: str
    expected: str


def examples_in(docstring: str, function_name: str, notation: Notation = PYTHON_NOTATION) -> tuple[Example, ...]:
    """At most 16 different examples of ``function_name``; a docstring is its value, with escapes resolved."""
    if not function_name.isidentifier():
        return ()
    sessions, prose = _sessions(docstring.splitlines())
    text = "\n".join(prose)
    reader = _Reader(function_name, notation)
    found = [*reader.from_sessions(sessions), *reader.from_prose(text), *reader.stated(text)]
    given: dict[str, set[str]] = {}
    for example in found:
        given.setdefault(example.call, set()).add(example.expected)
    # What is said to give two values is unclear.
    clear = [example for example in dict.fromkeys(found) if len(given[example.call]) == 1]
    values = [notation.value(example.expected) for example in clear]
    return () if _is_recurrence(values) else tuple(clear)[:_MOST]


def _is_recurrence(values: list[object]) -> bool:
    """Whether numbers and lists are mixed: ``f(1) = 1`` may define a sequence that the code is to list."""
    kinds = {type(value) for value in values}
    return bool(kinds & {int, float}) and bool(kinds & {list, tuple, dict, set})


def _sessions(lines: list[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """What was entered after ``>>>`` with what was answered, and all lines that belong to no such pair."""
    sessions, prose, at = [], [], 0
    while at < len(lines):
        end = at + 1
        if not lines[at].lstrip().startswith(">>>"):
            prose.append(lines[at])
        else:
            entered, answered, end = _session(lines, at)
            sessions.append((entered, answered))
            if not answered:
                prose.append(entered)
        at = end
    return sessions, prose


def _session(lines: list[str], at: int) -> tuple[str, str, int]:
    """One entry, what was answered, and the index of the line behind both."""
    entered = [lines[at].lstrip()[3:].strip()]
    end = at + 1
    while end < len(lines) and lines[end].lstrip().startswith("..."):
        entered.append(lines[end].lstrip()[3:].strip())
        end += 1
    start = end
    while end < len(lines) and lines[end].strip() and not lines[end].lstrip().startswith(">>>"):
        end += 1
    return "\n".join(entered), "\n".join(line.strip() for line in lines[start:end]), end


@dataclass(frozen=True)
class _Reader:
    """Reads the examples of the function ``name``."""

    name: str
    notation: Notation

    @cached_property
    def _ended(self) -> re.Pattern[str]:
        return re.compile(_ENDED.replace("{name}", re.escape(self.name)))

    def from_sessions(self, sessions: list[tuple[str, str]]) -> Iterator[Example]:
        for entered, answered in sessions:
            value = self.notation.value_at(answered)
            behind = answered[len(value) :].strip() if value else ""
            call = self.notation.call(entered, self.name)
            if value and (not behind or (behind.startswith("#") and "\n" not in behind)) and call:
                yield Example(call, value)

    def from_prose(self, text: str) -> Iterator[Example]:
        wrappers = "|".join(self.notation.wrappers)
        calls = re.compile(rf"(?<![\w.])(?:(?:{wrappers})\()*{re.escape(self.name)}(?=\()")
        for match in calls.finditer(text):
            written = text[match.start() : _call_end(text, match)]
            gives = self.notation.gives.match(text, match.start() + len(written))
            value = self._value_behind(text, gives)
            call = self.notation.call(written, self.name) if value else ""
            if call and _begins(text, match.start()):
                yield Example(call, value)

    def stated(self, text: str) -> Iterator[Example]:
        """``For s = "a", n = 2 the result should be 3``, and ``Input: n = 2`` above ``Output: 3``."""
        for match in _GIVEN.finditer(text):
            arguments, end = self._arguments(text, match.end())
            value = self._value_behind(text, _RESULT.match(text, end)) if arguments else ""
            call = self.notation.call(f"{self.name}({arguments})", self.name) if value else ""
            if call:
                yield Example(call, value)

    def _value_behind(self, text: str, gives: re.Match[str] | None) -> str:
        """The literal that stands behind ``gives``, with nothing behind it that may change it."""
        value = self.notation.value_at(text[gives.end() : gives.end() + LONGEST]) if gives else ""
        return value if gives and value and self._ended.match(text, gives.end() + len(value)) else ""

    def _arguments(self, text: str, start: int) -> tuple[str, int]:
        """The literals from ``start`` on as arguments, and where they end."""
        names, values, at = [], [], start
        while at < len(text):
            named = _NAMED.match(text, at)
            at = named.end() if named else at
            value = self.notation.value_at(text[at : at + LONGEST])
            at += len(value)
            if not value:
                return "", at
            names.append(named[1] if named else "")
            values.append(value)
            following = _NEXT.match(text, at)
            if not following:
                break
            at = following.end()
        return self.notation.arguments(names, values), at


def _call_end(text: str, match: re.Match[str]) -> int:
    """Where the outermost call that ``match`` begins is closed."""
    first = text.index("(", match.start())
    return first + bracket_end(text[first : first + LONGEST])


def _begins(text: str, offset: int) -> bool:
    """Whether the expression begins here, and is neither denied nor part of a larger one."""
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    before = line.strip().rstrip("`\"'")
    if before in _MARKS:
        return line[-1:] != before
    return before.endswith(_BEGINS) or not _PART.search(before)
