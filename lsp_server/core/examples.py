"""The examples of use that a docstring gives: which call gives which value, both as Python expressions.

It reads text only and never raises. A wrong example would reject right code, so whatever is unclear is no example.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

_MOST = 16
"""Examples beyond these add time and little certainty."""

_LONGEST = 4000
"""Characters of a call or a value; longer ones are not read."""

_WRAPPERS = ("abs", "dict", "len", "list", "max", "min", "round", "set", "sorted", "str", "sum", "tuple")
"""Builtin functions whose value says clearly what the call inside them gave."""

_GIVES = re.compile(
    r"[ \t]*(?:\*\*|`|\")?[ \t]*(?:={1,2}>|-{1,2}>|={1,2}(?!=)|[➞→⇒➜⟶]|#[ \t]*(?:=>|->|==|returns?\b)?"
    r"|(?:(?:should|will|must|would)[ \t]+)?(?:return|equal|evaluate to|give)s?\b|evaluates to\b"
    r"|(?:should|will|must)[ \t]+be\b|is(?:[ \t]+equal[ \t]+to)?\b)[ \t]*:?[ \t]*`?"
)
"""What stands between a call and its value."""

_SCALAR = re.compile(r"(?:[-+]?(?:\d[\d_]*(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?|True|False|None|set\(\))(?!\w|\.\d)")
_STRING = re.compile(
    r"[bru]{0,2}(?:'''.*?'''|\"\"\".*?\"\"\"|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\")", re.DOTALL | re.IGNORECASE
)
_CLOSES = {"(": ")", "[": "]", "{": "}"}

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


def examples_in(docstring: str, function_name: str) -> tuple[Example, ...]:
    """At most 16 different examples of ``function_name``; the docstring is its value, with escapes resolved."""
    if not function_name.isidentifier():
        return ()
    sessions, prose = _sessions(docstring.splitlines())
    text = "\n".join(prose)
    found = [*_from_sessions(sessions, function_name), *_from_prose(text, function_name), *_stated(text, function_name)]
    given: dict[str, set[str]] = {}
    for example in found:
        given.setdefault(example.call, set()).add(example.expected)
    # What is said to give two values is unclear.
    clear = [example for example in dict.fromkeys(found) if len(given[example.call]) == 1]
    return () if _is_recurrence(clear) else tuple(clear)[:_MOST]


def _is_recurrence(examples: list[Example]) -> bool:
    """Whether numbers and lists are mixed: ``f(1) = 1`` may define a sequence that the code is to list."""
    kinds = {type(ast.literal_eval(example.expected)) for example in examples}
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


def _from_sessions(sessions: list[tuple[str, str]], name: str) -> Iterator[Example]:
    for entered, answered in sessions:
        value = _value_at(answered)
        behind = answered[len(value) :].strip() if value else ""
        if value and (not behind or (behind.startswith("#") and "\n" not in behind)) and _is_call(entered, name):
            yield Example(ast.unparse(_parsed(entered)), value)


def _from_prose(text: str, name: str) -> Iterator[Example]:
    calls = re.compile(rf"(?<![\w.])(?:(?:{'|'.join(_WRAPPERS)})\()*{re.escape(name)}(?=\()")
    ended = re.compile(_ENDED.replace("{name}", re.escape(name)))
    for match in calls.finditer(text):
        call = text[match.start() : _call_end(text, match)]
        gives = _GIVES.match(text, match.start() + len(call))
        value = _value_at(text[gives.end() : gives.end() + _LONGEST]) if gives else ""
        if not gives or not value or not _is_call(call, name) or not _begins(text, match.start()):
            continue
        if ended.match(text, gives.end() + len(value)):
            yield Example(ast.unparse(_parsed(call)), value)


def _stated(text: str, name: str) -> Iterator[Example]:
    """``For s = "a", n = 2 the result should be 3``, and ``Input: n = 2`` above ``Output: 3``."""
    ended = re.compile(_ENDED.replace("{name}", re.escape(name)))
    for match in _GIVEN.finditer(text):
        arguments, end = _arguments(text, match.end())
        gives = _RESULT.match(text, end)
        value = _value_at(text[gives.end() : gives.end() + _LONGEST]) if gives and arguments else ""
        call = f"{name}({arguments})"
        if gives and value and ended.match(text, gives.end() + len(value)) and _is_call(call, name):
            yield Example(ast.unparse(_parsed(call)), value)


def _arguments(text: str, start: int) -> tuple[str, int]:
    """The literals from ``start`` on as arguments, one alone without its name, and where they end."""
    names, values, at = [], [], start
    while at < len(text):
        named = _NAMED.match(text, at)
        at = named.end() if named else at
        value = _value_at(text[at : at + _LONGEST])
        at += len(value)
        if not value:
            return "", at
        names.append(named[1] + "=" if named else "")
        values.append(value)
        following = _NEXT.match(text, at)
        if not following:
            break
        at = following.end()
    return (values[0] if len(values) == 1 else ", ".join(map("".join, zip(names, values, strict=True)))), at


def _call_end(text: str, match: re.Match[str]) -> int:
    """Where the outermost call that ``match`` begins is closed."""
    first = text.index("(", match.start())
    return first + _bracket_end(text[first : first + _LONGEST])


def _begins(text: str, offset: int) -> bool:
    """Whether the expression begins here, and is neither denied nor part of a larger one."""
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    before = line.strip().rstrip("`\"'")
    if before in _MARKS:
        return line[-1:] != before
    return before.endswith(_BEGINS) or not _PART.search(before)


def _value_at(text: str) -> str:
    """The literal that ``text`` begins with, or nothing."""
    if re.match(r"(?:true|false)\b", text):
        return "False" if text.startswith("f") else "True"
    found = _SCALAR.match(text) or _STRING.match(text)
    end = found.end() if found else _bracket_end(text)
    return text[:end] if end and _is_literal(text[:end]) else ""


def _bracket_end(text: str) -> int:
    """Where the bracket that ``text`` begins with is closed; 0 where there is none, or it stays open."""
    waiting: list[str] = []
    at = 0
    while at < len(text):
        character = text[at]
        string = _STRING.match(text, at) if character in "'\"" else None
        if string:
            at = string.end()
            continue
        if character in _CLOSES:
            waiting.append(_CLOSES[character])
        elif waiting and character == waiting[-1]:
            waiting.pop()
        at += 1
        if not waiting:
            return at if character in ")]}" else 0
    return 0


def _is_literal(text: str) -> bool:
    try:
        value = ast.literal_eval(text)
        # Who writes ("a") may mean ("a",). What cannot be written down again (1e999, a lone surrogate) cannot be sent.
        if text.startswith("(") and not isinstance(value, tuple):
            return False
        written = repr(value)
        written.encode()
        return not re.search(r"\b(?:inf|nan)\b", re.sub(_STRING, "", written))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False


def _parsed(text: str) -> ast.expr:
    return ast.parse(text.strip(), mode="eval").body


def _is_call(text: str, name: str) -> bool:
    """Whether ``text`` is the function called with literals, by itself or inside builtin functions."""
    try:
        text.encode()
        node = _parsed(text)
        ast.unparse(node)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False
    return _calls(node, name)


def _calls(node: ast.expr, name: str) -> bool:
    if isinstance(node, ast.Compare):
        return _calls(node.left, name) and all(_is_literal(ast.unparse(right)) for right in node.comparators)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return False
    arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
    if any(keyword.arg is None for keyword in node.keywords):
        return False
    if node.func.id == name:
        return all(_is_literal(ast.unparse(argument)) for argument in arguments)
    inner = arguments[:1]
    rest_is_plain = all(_is_literal(ast.unparse(argument)) for argument in arguments[1:])
    return node.func.id in _WRAPPERS and bool(inner) and _calls(inner[0], name) and rest_is_plain
