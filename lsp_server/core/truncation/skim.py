"""Where to begin reading a document so that what is open at the cursor is known without lexing all of it.

One pass of a regular expression over the text before the cursor; the lexers take over from the offset it gives.
"""

from __future__ import annotations

import re

from lsp_server.core.languages import Family

_PYTHON = re.compile(
    r"""\#[^\n]*
    |\"\"\"(?:[^"\\]|\\.|"(?!""))*(?:\"\"\"|\Z)
    |'''(?:[^'\\]|\\.|'(?!''))*(?:'''|\Z)
    |"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'
    |(?P<open>[(\[{])|(?P<close>[)\]}])
    |^(?P<definition>@|def\b|class\b|async\ +def\b)
    |^(?P<line>[^\W\d])""",
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
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_TEMPLATE = re.compile(r"\btemplate\s*<[^{};]*>")
_TYPE = re.compile(r"\b(?:class|struct|union|enum)\b")
_QUALIFIERS = re.compile(r"[\s\w&]*")


def reading_start(text: str, family: Family) -> int:
    """Offset into ``text`` (all of it before the cursor) from which lexing tells what is open at its end."""
    return _python_start(text) if family is Family.INDENTATION else _c_start(text)


def _python_start(text: str) -> int:
    """The last line in column 0 that is in no string or bracket; a definition there is in none anyway."""
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
    headers: list[tuple[int, int]] = []
    branches: list[list[tuple[int, int]]] = []
    start = 0
    for match in _C.finditer(text):
        if match["directive"] is not None:
            headers = _branch(match["directive"].strip(), headers, branches)
        elif (mark := match["mark"]) == "{":
            headers.append((start, match.start()))
        elif mark == "}" and headers:
            headers.pop()
        elif mark is None:
            continue
        start = match.end()
    functions = (begin for begin, end in headers if _heads_function(text[begin:end]))
    fallback = headers[-1][0] if headers and not text[start:].strip() else start
    return next(functions, fallback)


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
