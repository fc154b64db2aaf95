"""One row per language: everything the project knows of it, with its tree-sitter queries in ``<name>.scm``."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum

from lsp_server.core.languages import lexical


class Family(Enum):
    """How blocks are marked."""

    INDENTATION = "indentation"
    BRACES = "braces"


@dataclass(frozen=True, eq=False)
class Language:
    """Everything that is known of one language. Two rows are equal when they are the same row."""

    name: str
    """Also the stem of its query file and its name after a code fence."""
    language_ids: tuple[str, ...]
    """LSP language identifiers it answers to."""
    extensions: tuple[str, ...]
    grammar: str
    """Module of its tree-sitter grammar, imported when the first document of the language is parsed."""
    family: Family
    line_comment: str
    indent_unit: str
    """One level, for files that have no indentation yet."""
    tokens: re.Pattern[str]
    """Finds comments, strings, brackets and the like; the name of the matching group is the kind of token."""
    restart: re.Pattern[str]
    """What begins a line only outside parentheses: where it does inside, one before it was left open."""
    header: re.Pattern[str]
    """The beginning of a definition's first line."""
    scope: re.Pattern[str]
    """The beginning of a class, struct or namespace."""
    lambdas: re.Pattern[str]
    """What ends in the brace of a named function without a signature of its own."""
    imports: re.Pattern[str]
    """A line that may stand between a function's comment and its signature."""
    unread: re.Pattern[str]
    """What precedes right code that the grammar takes for an error."""
    endings: tuple[str, ...]
    """Texts that may complete a statement or a signature broken off at any place, tried in order."""
    series: frozenset[str] = frozenset()
    """Nodes of the grammar whose children are definitions, any of which may be missing. Before ``block`` its parent."""


PYTHON = Language(
    "python",
    ("python",),
    (".py", ".pyi"),
    "tree_sitter_python",
    Family.INDENTATION,
    "#",
    "    ",
    tokens=lexical.PYTHON_TOKENS,
    restart=lexical.PYTHON_RESTART,
    header=lexical.PYTHON_HEADER,
    scope=lexical.PYTHON_SCOPE,
    lambdas=lexical.PYTHON_LAMBDA,
    imports=lexical.PYTHON_IMPORT,
    unread=lexical.PYTHON_UNREAD,
    endings=("", ":", "():"),
    series=frozenset({"module", "class_definition block"}),
)
CPP = Language(
    "cpp",
    ("cpp", "cuda-cpp", "objective-cpp"),
    (".cpp", ".cc", ".cxx", ".c++", ".hpp", ".hh", ".hxx", ".h++", ".h", ".ipp", ".tcc"),
    "tree_sitter_cpp",
    Family.BRACES,
    "//",
    "    ",
    tokens=lexical.C_TOKENS,
    restart=lexical.C_RESTART,
    header=lexical.C_HEADER,
    scope=lexical.C_SCOPE,
    lambdas=lexical.C_LAMBDA,
    imports=lexical.C_IMPORT,
    unread=lexical.C_UNREAD,
    endings=("", ";", " {}"),
    series=frozenset(
        {
            "translation_unit",
            "declaration_list",
            "field_declaration_list",
            "preproc_if",
            "preproc_ifdef",
            "preproc_else",
        }
    ),
)
C = replace(CPP, name="c", language_ids=("c",), extensions=(".c",), grammar="tree_sitter_c")

LANGUAGES: tuple[Language, ...] = (PYTHON, CPP, C)


def by_language_id(language_id: str) -> Language | None:
    """The row for an LSP language identifier, None when the language is not known."""
    return next((row for row in LANGUAGES if language_id in row.language_ids), None)


def by_file_name(name: str) -> Language | None:
    """The row for a file name, by its extension."""
    lowered = name.lower()
    return next((row for row in LANGUAGES if lowered.endswith(row.extensions)), None)
