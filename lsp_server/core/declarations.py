"""The declarations in a file that one of its functions needs, as spans in file order."""

from __future__ import annotations

import re

from lsp_server.core.context import Function, Scope
from lsp_server.core.document import Span
from lsp_server.core.languages import Language
from lsp_server.core.parsing import parsed

_WORD = re.compile(r"\w+")


def declarations_for(
    language: Language, text: str, function: Function | None, scopes: tuple[Scope, ...]
) -> tuple[Span, ...]:
    """Imports, types and members that ``function`` needs; none of them overlaps it."""
    if function is None:
        return ()
    found = parsed(language, text).captures()
    words = set(_WORD.findall(function.span.of(text)))
    names = found.get("type.name", [])
    types = [
        node
        for node in found.get("type", [])
        if any(name.of(text) in words for name in names if node.start <= name.start < node.end)
    ]
    imports = [
        node
        for node in found.get("import", [])
        if language.family.value == "braces" or words & set(_WORD.findall(node.of(text)))
    ]
    spans = sorted(imports + types, key=lambda span: (span.start, -span.end))
    kept: list[Span] = []
    for span in spans:
        outside = span.end <= function.span.start or span.start >= function.span.end
        if outside and (not kept or span.start >= kept[-1].end):
            kept.append(span)
    return tuple(kept)
