"""The Language Server Protocol's values ↔ ours. Positions become offsets here and nowhere else.

A position counts units of the negotiated encoding (UTF-8 bytes, UTF-16 units or UTF-32 code points); an offset
counts code points of the whole text. Positions past a line's or the document's end are clamped to it, as the
protocol asks. This module must never know where suggestions come from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from lsprotocol import types

from lsp_server.core.document import Document, Span
from lsp_server.core.fences import fenced
from lsp_server.core.languages import by_language_id
from lsp_server.core.suggestion import Suggestion
from lsp_server.session.documents import Change

Encoding = types.PositionEncodingKind

_UNITS = {
    Encoding.Utf8: lambda text: len(text.encode("utf-8", "surrogatepass")),
    Encoding.Utf16: lambda text: len(text.encode("utf-16-le", "surrogatepass")) // 2,
    Encoding.Utf32: len,
}
_WORD = re.compile(r"\w*\Z")
_LABEL_LENGTH = 60


def negotiated(capabilities: types.ClientCapabilities) -> Encoding:
    """The first encoding the client names that is known here; UTF-16 when it names none."""
    named = (capabilities.general and capabilities.general.position_encodings) or ()
    return next((Encoding(name) for name in named if name in tuple(Encoding)), Encoding.Utf16)


def folders_of(params: types.InitializeParams) -> tuple[str, ...]:
    """The URIs of the folders that the editor has open."""
    if params.workspace_folders:
        return tuple(folder.uri for folder in params.workspace_folders)
    return (params.root_uri,) if params.root_uri else ()


def offset_at(document: Document, line: int, character: int, encoding: Encoding) -> int:
    """The offset of a position; inside a character that takes several units, the offset before it."""
    if line >= len(document.line_starts):
        return len(document.text)
    span = document.line_span(max(line, 0))
    text = span.of(document.text)
    if text.isascii() or encoding is Encoding.Utf32:
        return span.start + min(max(character, 0), len(text))
    units = _UNITS[encoding]
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if units(text[:middle]) <= character else (low, middle - 1)
    return span.start + low


def position_at(document: Document, offset: int, encoding: Encoding) -> types.Position:
    """The position of an offset."""
    line = document.line_at(offset)
    return types.Position(line, _UNITS[encoding](document.text[document.line_starts[line] : offset]))


def span_of(document: Document, edit: types.Range, encoding: Encoding) -> Span:
    """The span of a range; a range whose ends are swapped is turned round."""
    start = offset_at(document, edit.start.line, edit.start.character, encoding)
    return _between(start, offset_at(document, edit.end.line, edit.end.character, encoding))


def _between(one: int, other: int) -> Span:
    return Span(min(one, other), max(one, other))


def range_of(document: Document, span: Span, encoding: Encoding) -> types.Range:
    """The range of a span."""
    return types.Range(position_at(document, span.start, encoding), position_at(document, span.end, encoding))


def changes_of(params: Mapping[str, Any], encoding: Encoding) -> Iterator[Change]:
    """The changes in the plain JSON of ``textDocument/didChange``; raises on what is none."""
    for change in params["contentChanges"]:
        edit = change.get("range")
        yield (None if edit is None else _finder(edit, encoding)), _string(change["text"])


def _finder(edit: Mapping[str, Any], encoding: Encoding) -> Callable[[Document], Span]:
    """Finds the range of an edit in the document as the edits before it left it."""
    start, end = ((int(edit[side]["line"]), int(edit[side]["character"])) for side in ("start", "end"))
    return lambda document: _between(offset_at(document, *start, encoding), offset_at(document, *end, encoding))


def opened(params: Mapping[str, Any]) -> tuple[str, str, str, int]:
    """URI, language, text and version from the plain JSON of ``textDocument/didOpen``; raises on what is none."""
    item = params["textDocument"]
    return _string(item["uri"]), str(item.get("languageId", "")), _string(item["text"]), version_of(item) or 0


def version_of(item: Mapping[str, Any]) -> int | None:
    """The version of a text document's JSON, None when it is no number."""
    version = item.get("version")
    return version if isinstance(version, int) else None


def uri_of(params: Mapping[str, Any]) -> str:
    """The document that plain JSON parameters name; raises on what names none."""
    return _string(params["textDocument"]["uri"])


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a string is wanted, not {type(value).__name__}")
    return value


# Suggestions


def with_selected(
    document: Document, selected: types.SelectedCompletionInfo, encoding: Encoding
) -> tuple[Document, int]:
    """The document as it would be with the popup's selected item in it, and the cursor behind that item."""
    replaced = span_of(document, selected.range, encoding)
    return document.edited(replaced, selected.text), replaced.start + len(selected.text)


def inline_items(
    document: Document,
    offset: int,
    suggestions: Sequence[Suggestion],
    encoding: Encoding,
) -> list[types.InlineCompletionItem]:
    """One item per suggestion for the cursor at ``offset``."""
    edits = (trimmed(document, offset, suggestion) for suggestion in suggestions)
    return [_inline_item(document, edit, encoding) for edit in edits]


def inline_items_after(
    document: Document,
    selected: types.SelectedCompletionInfo,
    suggestions: Sequence[Suggestion],
    encoding: Encoding,
) -> list[types.InlineCompletionItem]:
    """The items while the popup shows ``selected``.

    The suggestions were made for the document with the selected item in it (`with_selected`); each is told again for
    the one the editor shows. The protocol wants every item to go on from the selected one: what does not is left out.
    """
    replaced = span_of(document, selected.range, encoding)
    told = (_around(document, suggestion, replaced, selected.text) for suggestion in suggestions)
    return [_inline_item(document, edit, encoding) for edit in told if edit is not None]


def _around(document: Document, suggestion: Suggestion, replaced: Span, item: str) -> Suggestion | None:
    """A suggestion for the document with ``item`` in place of ``replaced``, told for the one without."""
    shown = document.edited(replaced, item).text
    accepted = shown[: suggestion.span.start] + suggestion.text + shown[suggestion.span.end :]
    growth = len(item) - (replaced.end - replaced.start)
    end = max(suggestion.span.end, replaced.start + len(item))
    text = accepted[replaced.start : len(accepted) - (len(shown) - end)]
    if suggestion.span.start < replaced.start or not text.startswith(item):
        return None
    return Suggestion(Span(replaced.start, end - growth), text, suggestion.rule)


def trimmed(document: Document, offset: int, suggestion: Suggestion) -> Suggestion:
    """The same edit without what it would only write again before the cursor: editors show insertions best."""
    old, new = document.text[suggestion.span.start : offset], suggestion.text
    kept = next(
        (index for index, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), min(len(old), len(new))
    )
    return Suggestion(Span(suggestion.span.start + kept, suggestion.span.end), new[kept:], suggestion.rule)


def _inline_item(document: Document, suggestion: Suggestion, encoding: Encoding) -> types.InlineCompletionItem:
    replaced = suggestion.span.of(document.text)
    return types.InlineCompletionItem(
        insert_text=suggestion.text,
        range=range_of(document, suggestion.span, encoding),
        # Editors hide an item whose filter text does not begin with what it replaces.
        filter_text=None if suggestion.text.startswith(replaced) else replaced + suggestion.text,
    )


def completion_item(
    document: Document, offset: int, suggestion: Suggestion, encoding: Encoding
) -> types.CompletionItem | None:
    """The popup's one entry, None when the edit is none that a popup can make.

    Its edit begins at the word before the cursor, because that is what editors filter on.
    """
    edit = trimmed(document, offset, suggestion)
    line = document.line_span(document.line_at(offset))
    word = len(_WORD.findall(document.text[line.start : edit.span.start])[0])
    span = Span(edit.span.start - word, edit.span.end)
    if not line.start <= span.start <= offset <= span.end <= line.end:
        return None
    text = document.text[span.start : edit.span.start] + edit.text
    label = next((row.strip() for row in text.splitlines() if row.strip()), "")
    language = by_language_id(document.language_id)
    return types.CompletionItem(
        label=label if len(label) <= _LABEL_LENGTH else label[: _LABEL_LENGTH - 1] + "…",
        kind=types.CompletionItemKind.Snippet,
        detail="phi-lsp",
        documentation=types.MarkupContent(types.MarkupKind.Markdown, fenced(text, language.name if language else "")),
        sort_text="0",
        filter_text=(document.text[span.start : offset] + edit.text).strip() or label,
        insert_text_format=types.InsertTextFormat.PlainText,
        insert_text_mode=types.InsertTextMode.AsIs,
        text_edit=types.TextEdit(range_of(document, span, encoding), text),
    )
