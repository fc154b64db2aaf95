"""Names that a completion uses and nothing defines: a small model's most frequent slip that can be known for certain.

Only languages with a ``<name>.names.scm`` query are looked at; where a file's names come from elsewhere (C++
includes), nothing is claimed. Flow is not followed: a name that is bound anywhere in the file is defined.
"""

from __future__ import annotations

import builtins
import keyword
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import tree_sitter

from lsp_server.core.document import Span
from lsp_server.core.languages import PYTHON, Language
from lsp_server.core.parsing import parsed

_KNOWN: dict[Language, frozenset[str]] = {
    PYTHON: frozenset({*dir(builtins), *keyword.kwlist, "__file__", "__name__", "__class__", "_"}),
}
_MODULES: dict[Language, frozenset[str]] = {PYTHON: frozenset(sys.stdlib_module_names)}
_NEAR = 4000
"""Characters around an insertion that may read differently with it than without."""

_IMPORT = "import {name}\n"


@dataclass(frozen=True)
class Undefined:
    """``modules`` are standard library modules used without an import; ``names`` is the rest. Each in order of use."""

    modules: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Insertion:
    """``text`` put in at ``offset`` of ``document``; ``below`` characters behind it are looked at together with it.

    ``elsewhere`` are further parts of the file, which define names too.
    """

    document: str
    offset: int
    text: str
    below: int = 0
    elsewhere: tuple[str, ...] = ()


def undefined_in(language: Language, insertion: Insertion) -> Undefined:
    """What an insertion, and the text below that belongs to it, uses and nothing in the whole defines.

    The document is parsed once for all that may be inserted; of the whole only the neighbourhood is looked at again.
    """
    if language not in _KNOWN:
        return Undefined()
    tree = parsed(language, insertion.document).edited(Span(insertion.offset, insertion.offset), insertion.text)
    elsewhere = [_bound(language, part) for part in (insertion.document, *insertion.elsewhere)]
    end = insertion.offset + len(insertion.text) + insertion.below
    near = tree.nodes("names", Span(max(insertion.offset - _NEAR, 0), min(end + _NEAR, len(tree.text))))
    if None in elsewhere or "everything" in near:
        return Undefined()
    bound = _KNOWN[language].union(map(_text, near.get("bound", [])), *filter(None, elsewhere))
    loose = [name for name in _used(near, tree.byte_of(insertion.offset), tree.byte_of(end)) if name not in bound]
    objects = {_text(node) for node in near.get("object", [])}
    modules = tuple(name for name in loose if name in _MODULES[language] and name in objects)
    return Undefined(modules, tuple(name for name in loose if name not in modules))


def defined_in(language: Language, text: str) -> frozenset[str] | None:
    """Every name that means something in a file; None where that cannot be known."""
    bound = _bound(language, text) if language in _KNOWN else None
    return None if bound is None else bound | _KNOWN[language]


@lru_cache(maxsize=8)
def _bound(language: Language, text: str) -> frozenset[str] | None:
    """Every name that ``text`` defines somewhere; None where it imports names without saying which."""
    found = parsed(language, text).nodes("names")
    return None if "everything" in found else frozenset(map(_text, found.get("bound", [])))


def _used(found: Mapping[str, Sequence[tree_sitter.Node]], start: int, end: int) -> tuple[str, ...]:
    """Names between two bytes that are used as such, in the order of their first use."""
    skipped = {node.id for node in found.get("elsewhere", [])}
    nodes = [node for node in found.get("name", []) if start <= node.start_byte < end and node.id not in skipped]
    return tuple(dict.fromkeys(_text(node) for node in sorted(nodes, key=lambda node: node.start_byte)))


def _text(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def imports_for(modules: tuple[str, ...], indent: str) -> str:
    """Import statements for the start of a block that is indented by ``indent``."""
    return "".join(indent + _IMPORT.format(name=name) for name in modules)
