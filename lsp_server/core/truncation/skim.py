"""Where to begin reading a document so that what is open at the cursor is known without lexing all of it.

One pass of a regular expression over the text before the cursor; the lexers take over from the offset it gives.
"""

from __future__ import annotations

import re
from functools import lru_cache

from lsp_server.core.languages import Family
from lsp_server.core.truncation.tokens import width

_PYTHON = re.compile(
    r"""\#[^\n]*
    |\"\"\"(?:[^"\\]|\\.|"(?!""))*(?:\"\"\"|\Z)
    |'''(?:[^'\\]|\\.|'(?!''))*(?:'''|\Z)
    |"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'
    |(?P<open>[(\[{])|(?P<close>[)\]}])
    |\\\n[ \t]*
    |^[ \t]*(?P<definition>@\w|def\b|class\b|async\ +def\b)
    |^[ \t]*(?P<line>[^\s\#)\]}"'({\[])""",
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)
_C = re.compile(
    r"""//(?:[^\n\\]|\\.)*
    |/\*.*?(?:\*/|\Z)
    |\b(?:LR|u8R|uR|UR|R)"(?P<delimiter>[^\s(]*)\(.*?(?:\)(?P=delimiter)"|\Z)
    |"(?:[^"\\\n]|\\.)*"|(?<![0-9A-Fa-f])'(?:[^'\\\n]|\\.)*'
    |^[ \t]*\#(?P<directive>[ \t]*\w*)(?:[^\n\\/]|\\.|/\*.*?\*/|/)*
    |(?P<mark>[{};])""",
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)
_VALUE = re.compile(
    r"(?:\brequires\s*|(?:\brequires|&&|\|\||[=(!,])\s*requires\s*\([^()]*\)\s*|[=,(]\s*|[)\w]\s*:[\w\s:<>]+)$"
)
"""What stands before a brace that is part of a statement."""
_TELLS = re.compile(r"[{};\"'#/]")
"""What any of these matches holds: without it a line that is begun, and goes on none, changes nothing."""
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_TEMPLATE = re.compile(r"\btemplate\s*<[^{};]*>")
_TYPE = re.compile(r"\b(?:class|struct|union|enum)\b")
_QUALIFIERS = re.compile(r"[\s\w&]*")


@lru_cache(maxsize=2)
def reading_start(text: str, family: Family) -> int:
    """Offset into ``text`` (all of it before the cursor) from which lexing tells what is open at its end."""
    return _python_start(text) if family is Family.INDENTATION else _c_start(text)


def _python_start(text: str) -> int:
    """The last line that begins in no string or bracket; one that begins a definition never does."""
    depth = start = 0
    for match in _PYTHON.finditer(text):
        kind = match.lastgroup
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth = max(0, depth - 1)
        elif kind == "definition" or (kind == "line" and depth == 0):
            depth, start = 0, match.start()
    return start


def _c_start(text: str) -> int:
    """The header of the outermost open function, else of the declaration that is being written or was just opened."""
    line = text.rfind("\n") + 1
    tells = _TELLS.search(text, line) or text.endswith("\\\n", 0, line)
    headers, start = _c_marks(text if tells else text[:line])
    functions = [begin for begin, end in headers if _heads_function(text[begin:end])]
    if not functions:
        return headers[-1][0] if headers and not text[start:].strip() else start
    indents = [_indent(text, begin) for begin in functions]
    return functions[len(indents) - 1 - indents[::-1].index(min(indents))]


@lru_cache(maxsize=2)
def _c_marks(text: str) -> tuple[tuple[tuple[int, int], ...], int]:
    """Where the header of each open brace begins and ends, and where what comes after the last mark does."""
    headers: list[tuple[int, int]] = []
    branches: list[list[tuple[int, int]]] = []
    start = 0
    for match in _C.finditer(text):
        if match["directive"] is not None:
            headers = _branch(match["directive"].strip(), headers, branches)
        elif (mark := match["mark"]) == "{":
            headers.append((start, match.start()))
        elif mark == "}" and headers:
            begin, end = headers.pop()
            if _VALUE.search(text[max(begin, end - 200) : end]):
                start = begin
                continue
        elif mark is None:
            continue
        start = match.end()
    return tuple(headers), start


def _indent(text: str, begin: int) -> int:
    """Column of the first line of a header; one that stands no deeper than those before it shows them unclosed."""
    code = begin + len(text[begin:]) - len(text[begin:].lstrip())
    return width(text[text.rfind("\n", 0, code) + 1 : code])


def _branch(
    directive: str, headers: list[tuple[int, int]], branches: list[list[tuple[int, int]]]
) -> list[tuple[int, int]]:
    """Every branch of ``#if`` starts from the same open braces."""
    if directive.startswith("if"):
        branches.append(list(headers))
    elif directive.startswith("el") and branches:
        return list(branches[-1])
    elif directive == "endif" and branches:
        branches.pop()
    return headers


def _heads_function(header: str) -> bool:
    """Whether a brace after ``header`` opens a function's body (and not a namespace, a type or an initialiser)."""
    plain = _TEMPLATE.sub("", _COMMENT.sub("", header))
    before, closing, after = plain.rpartition(")")
    if not closing or re.search(r"\bnamespace\b", plain):
        return False
    return not (_TYPE.search(before) and re.search(r"[^\W\d]", after) and _QUALIFIERS.fullmatch(after) is None)
