"""How Python writes the examples of a docstring."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from lsp_server.core.notation import STRING, bracket_end

_SCALAR = re.compile(r"(?:[-+]?(?:\d[\d_]*(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?|True|False|None|set\(\))(?!\w|\.\d)")


class PythonNotation:
    """Expressions as Python's own parser reads them."""

    wrappers = ("abs", "dict", "len", "list", "max", "min", "round", "set", "sorted", "str", "sum", "tuple")
    gives = re.compile(
        r"[ \t]*(?:\*\*|`|\")?[ \t]*(?:={1,2}>|-{1,2}>|={1,2}(?!=)|[➞→⇒➜⟶]|#[ \t]*(?:=>|->|==|returns?\b)?"
        r"|(?:(?:should|will|must|would)[ \t]+)?(?:return|equal|evaluate to|give)s?\b|evaluates to\b"
        r"|(?:should|will|must)[ \t]+be\b|is(?:[ \t]+equal[ \t]+to)?\b)[ \t]*:?[ \t]*`?"
    )

    def value_at(self, text: str) -> str:
        """The literal that ``text`` begins with, or nothing."""
        if re.match(r"(?:true|false)\b", text):
            return "False" if text.startswith("f") else "True"
        found = _SCALAR.match(text) or STRING.match(text)
        end = found.end() if found else bracket_end(text)
        return text[:end] if end and _is_literal(text[:end]) else ""

    def value(self, literal: str) -> object:
        """What it stands for."""
        return ast.literal_eval(literal)

    def call(self, text: str, name: str) -> str:
        """Also inside builtin functions, and compared with literals."""
        try:
            text.encode()
            node = ast.parse(text.strip(), mode="eval").body
            written = ast.unparse(node)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return ""
        return written if self._calls(node, name) else ""

    def arguments(self, names: Sequence[str], values: Sequence[str]) -> str:
        """By keyword; one alone without its name."""
        if len(values) == 1:
            return values[0]
        given = zip(names, values, strict=True)
        return ", ".join(f"{name}={value}" if name else value for name, value in given)

    def _calls(self, node: ast.expr, name: str) -> bool:
        if isinstance(node, ast.Compare):
            return self._calls(node.left, name) and all(_is_literal(ast.unparse(right)) for right in node.comparators)
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            return False
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        if any(keyword.arg is None for keyword in node.keywords):
            return False
        if node.func.id == name:
            return all(_is_literal(ast.unparse(argument)) for argument in arguments)
        inner = arguments[:1]
        rest_is_plain = all(_is_literal(ast.unparse(argument)) for argument in arguments[1:])
        return node.func.id in self.wrappers and bool(inner) and self._calls(inner[0], name) and rest_is_plain


def _is_literal(text: str) -> bool:
    try:
        value = ast.literal_eval(text)
        # Who writes ("a") may mean ("a",). What cannot be written down again (1e999, a lone surrogate) cannot be sent.
        if text.startswith("(") and not isinstance(value, tuple):
            return False
        written = repr(value)
        written.encode()
        return not re.search(r"\b(?:inf|nan)\b", re.sub(STRING, "", written))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False


PYTHON_NOTATION = PythonNotation()
