"""What a signature says: the names of its parameters, and whether a value comes back. It knows no documents."""

from __future__ import annotations

import ast
import re
from textwrap import dedent

from lsp_server.core.languages import PYTHON, Family, Language
from lsp_server.core.parsing import parsed

_WORD = re.compile(r"\w+")
_VOID = re.compile(r"\bvoid\b(?!\s*[*&])")
_GIVES = re.compile(r"^[^#\n]*\b(?:return[ \t(\[{'\"]*[^\s#]|yield\b)", re.MULTILINE)
_BOUND = ("self", "cls")


def parameters_of(language: Language, signature: str) -> tuple[str, ...]:
    """The names of the parameters, in order, without ``self`` and ``cls``; none of a signature that does not parse."""
    return _of_python(signature) if language is PYTHON else _of_braces(language, signature)


def _of_python(signature: str) -> tuple[str, ...]:
    try:
        node = ast.parse(f"{dedent(signature)}: pass").body[0]
    except SyntaxError:
        return ()
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return ()
    given = node.args
    plain = [*given.posonlyargs, *given.args, *([given.vararg] if given.vararg else []), *given.kwonlyargs]
    names = [one.arg for one in [*plain, *([given.kwarg] if given.kwarg else [])]]
    return tuple(names[1:] if names[:1] and names[0] in _BOUND else names)


def _of_braces(language: Language, signature: str) -> tuple[str, ...]:
    text = signature + " {}"
    names: list[str] = []
    end = -1
    for span in parsed(language, text).captures("parameters").get("parameter", []):
        # The parameters of a parameter that is a function are not this one's.
        if span.start >= end and (word := _WORD.search(span.of(text))):
            names.append(word[0])
            end = max(end, span.end)
    return tuple(names)


def gives_value(language: Language, signature: str, name: str, body: str) -> bool:
    """Whether the function gives its caller a value, as far as signature and body show."""
    if language.family is Family.INDENTATION:
        return bool(_GIVES.search(body))
    kind = signature[: signature.find(name)].strip() if name else ""
    return bool(kind) and not _VOID.search(kind)
