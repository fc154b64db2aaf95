"""How C and C++ write the examples of a comment: ``f({1, 2}, "a")`` gives ``{true, false}``.

Comments are loose about it: lists in any brackets, strings in any quotes, Python's ``True``. What is neither a number,
a truth, a text nor a list of such is no value.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from lsp_server.core.notation import bracket_end

_TRUTHS = {"true": True, "false": False, "True": True, "False": False}
_TRUTH = re.compile(r"(?:true|false|True|False)\b")
_NUMBER = re.compile(
    r"([-+]?(?:0[xX][\da-fA-F]+|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?))(?:[uUlLfF]{1,3})?(?!\w|\.\w)"
)
_TEXT = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'")
_SPACE = re.compile(r"\s*")
_CLOSES = {"{": "}", "[": "]", "(": ")"}
_DEEPEST = 8
"""Lists inside one another."""


@dataclass(frozen=True)
class Literal:
    """What a literal stands for, how C++ writes it, and where it ends: characters are bytes, braces lists."""

    value: object
    code: str
    end: int


def literal_at(text: str, at: int = 0, deep: int = 0) -> Literal | None:
    """The literal that begins at ``at``; None where there is none."""
    if truth := _TRUTH.match(text, at):
        value = _TRUTHS[truth[0]]
        return Literal(value, str(value).lower(), truth.end())
    if number := _NUMBER.match(text, at):
        return Literal(_number(number[1]), number[0].lstrip("+"), number.end())
    if quoted := _TEXT.match(text, at):
        return _text(quoted)
    return _list(text, at, deep) if text[at : at + 1] in _CLOSES and deep < _DEEPEST else None


def _number(written: str) -> int | float:
    if "x" in written.lower():
        return int(written, 16)
    # A zero in front would say that the number is octal, which no comment means.
    return int(written) if written.lstrip("+-").isdecimal() else float(written)


def _text(quoted: re.Match[str]) -> Literal | None:
    """Quotes of both kinds hold a text; single ones around one character that character."""
    try:
        value = ast.literal_eval(quoted[0])
        value.encode()
    except (ValueError, SyntaxError, UnicodeError):
        return None
    if quoted[0].startswith('"'):
        return Literal(value, quoted[0], quoted.end())
    if len(value) == 1 and value.isascii():
        return Literal(value.encode(), quoted[0], quoted.end())
    return Literal(value, '"' + quoted[0][1:-1].replace('"', '\\"') + '"', quoted.end()) if value else None


def _list(text: str, at: int, deep: int) -> Literal | None:
    items: list[Literal] = []
    closes = _CLOSES[text[at]]
    at = _behind_space(text, at + 1)
    while not text.startswith(closes, at):
        item = literal_at(text, at, deep + 1)
        if item is None:
            return None
        items.append(item)
        at = _behind_space(text, item.end)
        if text.startswith(",", at):
            at = _behind_space(text, at + 1)
        elif not text.startswith(closes, at):
            return None
    code = "{" + ", ".join(item.code for item in items) + "}"
    return Literal([item.value for item in items], code, at + 1)


def _behind_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


@dataclass(frozen=True)
class BracedNotation:
    """Of a function with these ``parameters``, by which arguments are named in prose."""

    parameters: Sequence[str] = ()
    wrappers: Sequence[str] = ()
    gives: re.Pattern[str] = re.compile(
        r"[ \t]*(?:\*\*|`|\")?[ \t]*(?:={1,2}>|-{1,2}>|={1,2}(?!=)|[➞→⇒➜⟶]"
        r"|;?[ \t]*//[ \t]*(?:=>|->|==?|[➞→]|returns?\b)?"
        r"|(?:(?:should|will|must|would)[ \t]+)?(?:return|equal|evaluate to|give|yield)s?\b|evaluates to\b"
        r"|(?:should|will|must)[ \t]+be\b|is(?:[ \t]+equal[ \t]+to)?\b)[ \t]*:?[ \t]*`?"
    )

    def value_at(self, text: str) -> str:
        """The literal that ``text`` begins with, or nothing. What stands in parentheses alone may be a remark."""
        found = literal_at(text)
        remark = found and text.startswith("(") and isinstance(found.value, list) and len(found.value) < 2
        return text[: found.end] if found and not remark else ""

    def value(self, literal: str) -> object:
        """What it stands for."""
        found = literal_at(literal)
        return found.value if found else None

    def call(self, text: str, name: str) -> str:
        """The function called with literals, as C++ writes them; a list in parentheses is none in a call."""
        text = text.strip().rstrip(";")
        start = len(name)
        if not text.startswith(f"{name}(") or bracket_end(text[start:]) != len(text) - start:
            return ""
        inside = literal_at("{" + text[start + 1 : -1] + "}")
        whole = inside is not None and inside.end == len(text) - start
        if inside is None or not whole or re.search(r"[,({\[]\s*\(", _TEXT.sub("", text[start:])):
            return ""
        return f"{name}({inside.code[1:-1]})"

    def arguments(self, names: Sequence[str], values: Sequence[str]) -> str:
        """By position: those that are named must be the parameters, in their order."""
        named = [name for name in names if name]
        if (len(values) > 1 or named) and list(names) != list(self.parameters):
            return ""
        return ", ".join(values)


def arguments_of(call: str) -> tuple[str, ...]:
    """The arguments of a call as `BracedNotation.call` writes it, one by one."""
    inside = call[call.index("(") + 1 : -1]
    found, at = [], 0
    while at < len(inside) and (one := literal_at(inside, at)):
        found.append(one.code)
        at = one.end + len(", ")
    return tuple(found)
