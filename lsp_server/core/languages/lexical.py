r"""The lexical patterns of the languages: what a comment, a string and a bracket look like, and little more.

Every pattern is matched against text whose lines end in ``\n`` alone. Token patterns name each alternative by
the kind of token it is: ``comment``, ``string``, ``open``, ``close``, ``end`` (of a statement), ``line`` (where a
logical line's code begins) and ``directive`` (a preprocessor line, its word in ``word``).
"""

from __future__ import annotations

import re

_SHORT_STRING = r'"[^"\\\n]*(?:\\.[^"\\\n]*)*"?' + "|" + r"'[^'\\\n]*(?:\\.[^'\\\n]*)*'?"
_LONG_STRING = (
    r'"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*(?:"""|\Z)' + "|" + r"'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*(?:'''|\Z)"
)

PYTHON_TOKENS = re.compile(
    rf"""
      (?P<line>^[ \t\f]*(?=[^ \t\f\n\#]))
    | (?P<comment>\#[^\n]*)
    | (?P<string>{_LONG_STRING}|{_SHORT_STRING})
    | (?P<open>[(\[{{])
    | (?P<close>[)\]}}])
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)

C_TOKENS = re.compile(
    rf"""
      (?P<comment>//[^\n\\]*(?:\\.[^\n\\]*)*|/\*.*?(?:\*/|\Z))
    | (?P<string>\b(?:u8|[uUL])?R"(?P<fence>[^\s()\\]{{0,16}})\(.*?(?:\)(?P=fence)"|\Z)|{_SHORT_STRING})
    | (?P<number>\b\d(?:'?[\w.])*)
    | (?P<open>[(\[{{])
    | (?P<close>[)\]}}])
    | (?P<end>;)
    | (?P<directive>^[ \t]*\#[ \t]*(?P<word>\w*)(?:[^\n\\/]|\\.|/(?![*/]))*)
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)

PYTHON_RESTART = re.compile(
    r"(?:async\s+def|def|class|import|from\s+[\w.]+\s+import|return|while|with|try|raise|del|pass|assert|elif|except|finally|@\w)\b"
)
"""No line inside brackets begins so: when one does, a bracket before it was left open."""

C_RESTART = re.compile(r"(?:return|if|while|switch|do|else|case|break|continue|namespace|using|typedef|template)\b")

PYTHON_HEADER = re.compile(r"(?:async\s+def|def|class)\b")

_TEMPLATE = r"(?:template\s*<[^;{}]*?>\s*(?=\w))*"
C_SCOPE = re.compile(
    _TEMPLATE + r"(?:(?:export|inline|static|typedef|friend)\s+)*"
    r"(?:(?:namespace|(?P<type>class|struct|union|enum))\b(?:\s*(?:\w+\s*\([^()]*\)+|\[\[[^\]]*\]\]))?|extern\s*\"\w*\")"
    r"[^(){};=]*(?:\{|(?<!:):(?!:))"
)
"""A class's or namespace's head up to its brace or its bases: a parenthesis before them would be a function's."""

C_HEADER = re.compile(
    _TEMPLATE + r"(?!(?:if|for|while|switch|catch|else|do|return|case|default|co_await|co_return|new|delete|throw)\b)"
    r'(?:[\w:<>,&*~\[\]."\s]|\([^()]*\)(?=\s*::))*(?:\boperator\s*(?:\(\)|[^\s\w(]+)\s*|[\w>]\s*)\('
)
"""The beginning of what can only be a function's definition, once a ``{`` follows it at the level of a file."""

PYTHON_SCOPE = re.compile(r"class\b")

PYTHON_IMPORT = re.compile(r"(?!)")
"""Nothing stands between a comment and the function it is written for."""

C_IMPORT = re.compile(r"[ \t]*(?:#[ \t]*(?:include|define|pragma)\b|using\b|import\b|typedef\b.*;)")

PYTHON_LAMBDA = re.compile(r"(?!)")
"""A lambda has no block."""

C_LAMBDA = re.compile(r"=\s*\[[^\[\]]*\][^;{}]*\{\Z")

PYTHON_UNREAD = re.compile(r"(?!)")
"""The grammar reads all of the language."""

C_UNREAD = re.compile(r"\btypeid\s*\(\s*\Z")
"""The C++ grammar takes ``typeid(int)`` for an error."""
