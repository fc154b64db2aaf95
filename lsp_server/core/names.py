"""Names that a completion uses and nothing defines: a small model's most frequent slip that can be known for certain.

Only languages with a ``<name>.names.scm`` query are looked at; where a file's names come from elsewhere (C++
includes), nothing is claimed. Flow is not followed: a name that is bound anywhere in the file is defined.
"""

from __future__ import annotations

import builtins
import keyword
import sys
from dataclasses import dataclass

from lsp_server.core.document import Span
from lsp_server.core.languages import PYTHON, Language
from lsp_server.core.parsing import parsed

_KNOWN: dict[Language, frozenset[str]] = {
    PYTHON: frozenset({*dir(builtins), *keyword.kwlist, "__file__", "__name__", "__class__", "_"}),
}
_MODULES: dict[Language, frozenset[str]] = {PYTHON: frozenset(sys.stdlib_module_names)}
_IMPORT = "import {name}\n"


@dataclass(frozen=True)
class Undefined:
    """``modules`` are standard library modules used without an import; ``names`` is the rest. Each in order of use."""

    modules: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def undefined_in(language: Language, text: str, span: Span) -> Undefined:
    """What the part ``span`` of ``text`` uses that nothing in ``text`` defines."""
    if language not in _KNOWN:
        return Undefined()
    found = parsed(language, text).captures("names")
    if "everything" in found:
        return Undefined()
    bound = {part.of(text) for part in found.get("bound", [])} | _KNOWN[language]
    skipped = {*found.get("elsewhere", [])}
    used = [part for part in found.get("name", []) if span.start <= part.start < span.end and part not in skipped]
    loose = dict.fromkeys(name for part in used if (name := part.of(text)) not in bound)
    objects = {part.of(text) for part in found.get("object", [])}
    modules = tuple(name for name in loose if name in _MODULES[language] and name in objects)
    return Undefined(modules, tuple(name for name in loose if name not in modules))


def imports_for(modules: tuple[str, ...], indent: str) -> str:
    """Import statements for the start of a block that is indented by ``indent``."""
    return "".join(indent + _IMPORT.format(name=name) for name in modules)
