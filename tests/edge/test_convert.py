from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from lsp_server.core.document import Document, Span
from lsp_server.core.suggestion import Suggestion
from lsp_server.edge import convert
from lsp_server.edge.convert import Encoding
from lsp_server.session.documents import Documents

TEXT = st.text(st.sampled_from("aé€😀\n\r\t\f\u2028 "), max_size=40)
ENCODINGS = st.sampled_from(list(Encoding))
PYTHON_CODEC = {Encoding.Utf8: "utf-8", Encoding.Utf16: "utf-16-le", Encoding.Utf32: "utf-32-le"}
UNIT_BYTES = {Encoding.Utf8: 1, Encoding.Utf16: 2, Encoding.Utf32: 4}


def document(text: str, language: str = "python") -> Document:
    return Document("file:///a.py", language, text)


@given(TEXT, st.data(), ENCODINGS)
def test_an_offset_survives_the_way_to_a_position_and_back(text: str, data: st.DataObject, encoding: Encoding) -> None:
    here = document(text)
    line = data.draw(st.integers(0, len(here.line_starts) - 1))
    span = here.line_span(line)
    offset = data.draw(st.integers(span.start, span.end))
    position = convert.position_at(here, offset, encoding)
    assert position.line == line
    assert position.character == len(text[span.start : offset].encode(PYTHON_CODEC[encoding])) // UNIT_BYTES[encoding]
    assert convert.offset_at(here, position.line, position.character, encoding) == offset


@given(TEXT, st.integers(-5, 2**31), st.integers(-5, 2**31), ENCODINGS)
def test_any_position_has_an_offset_inside_the_document(text: str, line: int, column: int, encoding: Encoding) -> None:
    here = document(text)
    offset = convert.offset_at(here, line, column, encoding)
    assert 0 <= offset <= len(text)
    if 0 <= line < len(here.line_starts):
        assert here.line_span(line).start <= offset <= here.line_span(line).end


@pytest.mark.parametrize(
    ("encoding", "character", "offset"),
    [
        (Encoding.Utf8, 4, 1),
        (Encoding.Utf8, 5, 2),
        (Encoding.Utf16, 2, 1),
        (Encoding.Utf16, 3, 2),
        (Encoding.Utf32, 2, 2),
    ],
)
def test_a_position_inside_a_character_is_the_one_before_it(encoding: Encoding, character: int, offset: int) -> None:
    assert convert.offset_at(document("a😀b"), 0, character, encoding) == offset


def test_form_feed_and_line_separator_do_not_end_a_line() -> None:
    here = document("a\fb\u2028c\nd")
    assert convert.position_at(here, 6, Encoding.Utf16) == types.Position(1, 0)


def change(edit: tuple[int, int, int, int] | None, text: str) -> dict[str, Any]:
    if edit is None:
        return {"text": text}
    (line, column, end_line, end_column) = edit
    ends = {"start": {"line": line, "character": column}, "end": {"line": end_line, "character": end_column}}
    return {"range": ends, "text": text}


def edited(text: str, *changes: dict[str, Any]) -> str:
    documents = Documents()
    documents.open("u", "python", text, 1)
    documents.change("u", 2, convert.changes_of({"contentChanges": changes}, Encoding.Utf16))
    found = documents.get("u")
    assert found is not None
    return found.text


def test_changes_are_applied_one_after_the_other() -> None:
    assert edited("a\nb\n", change((0, 0, 0, 0), "x\n"), change((2, 0, 2, 1), "c")) == "x\na\nc\n"


def test_a_change_without_range_replaces_everything() -> None:
    assert edited("old", change(None, "new")) == "new"


def test_changes_past_the_end_are_clamped_and_swapped_ends_turned_round() -> None:
    assert edited("ab", change((9, 9, 99, 99), "c"), change((0, 1, 0, 0), "")) == "bc"


@given(TEXT, st.data(), st.text(max_size=5), ENCODINGS)
def test_an_incremental_change_does_what_it_says(text: str, data: st.DataObject, new: str, encoding: Encoding) -> None:
    here = document(text)
    ends = []
    for _ in range(2):
        span = here.line_span(data.draw(st.integers(0, len(here.line_starts) - 1)))
        ends.append(data.draw(st.integers(span.start, span.end)))
    start, end = sorted(ends)
    first, last = (convert.position_at(here, offset, encoding) for offset in (start, end))
    documents = Documents()
    documents.open("u", "python", text, 1)
    edit = change((first.line, first.character, last.line, last.character), new)
    documents.change("u", 2, convert.changes_of({"contentChanges": [edit]}, encoding))
    found = documents.get("u")
    assert found is not None
    assert found.text == text[:start] + new + text[end:]


@pytest.mark.parametrize(
    "changes",
    [[{}], [{"text": 5}], [{"text": "x", "range": {}}], [{"text": "x", "range": 3}], ["x"], 7],
)
def test_what_is_no_change_raises_what_the_handler_expects(changes: Any) -> None:
    documents = Documents()
    documents.open("u", "python", "text", 1)
    with pytest.raises((TypeError, KeyError, ValueError, AttributeError)):
        documents.change("u", 2, convert.changes_of({"contentChanges": changes}, Encoding.Utf16))
    assert documents.get("u") == Document("u", "python", "text", 1)


def marked(text: str) -> tuple[Document, int]:
    offset = text.index("|")
    return document(text.replace("|", "", 1)), offset


def applied(here: Document, edit: types.Range, text: str) -> str:
    return here.edited(convert.span_of(here, edit, Encoding.Utf16), text).text


def inline(text: str, insertion: str, replaced: int = 0) -> tuple[types.InlineCompletionItem, Document]:
    """The item for ``insertion`` at the mark, in place of ``replaced`` characters before it."""
    here, offset = marked(text)
    suggestion = Suggestion(Span(offset - replaced, offset), insertion, "")
    (item,) = convert.inline_items(here, offset, [suggestion], Encoding.Utf16)
    return item, here


def test_an_inline_item_inserts_at_the_cursor() -> None:
    item, here = inline("x = é😀|\ny", "1\n")
    assert item.range == types.Range(types.Position(0, 7), types.Position(0, 7))
    assert applied(here, item.range, item.insert_text) == "x = é😀1\n\ny"


def test_white_space_that_is_already_there_is_not_replaced_by_itself() -> None:
    item, here = inline("def f():\n    |", "    return 1", replaced=4)
    assert (item.insert_text, item.filter_text) == ("return 1", None)
    assert applied(here, item.range, item.insert_text) == "def f():\n    return 1"


def test_an_item_that_replaces_other_white_space_is_not_filtered_away() -> None:
    item, here = inline("def f():\n  |", "\treturn 1", replaced=2)
    assert item.filter_text == "  \treturn 1"
    assert applied(here, item.range, item.insert_text) == "def f():\n\treturn 1"


def selected(text: str, word: str, item: str, insertion: str, before: int = 0) -> list[str]:
    """What the document becomes when the popup shows ``item`` for ``word`` before the mark."""
    here, offset = marked(text)
    start, end = (convert.position_at(here, at, Encoding.Utf16) for at in (offset - len(word), offset))
    info = types.SelectedCompletionInfo(types.Range(start, end), item)
    seen, cursor = convert.with_selected(here, info, Encoding.Utf16)
    assert seen.text[:cursor].endswith(item)
    suggestion = Suggestion(Span(cursor - before, cursor), insertion, "")
    items = convert.inline_items_after(here, info, [suggestion], Encoding.Utf16)
    assert all(found.insert_text.startswith(item) and found.range.start == start for found in items)
    return [applied(here, found.range, found.insert_text) for found in items]


def test_with_a_popup_the_item_goes_on_from_the_selected_one() -> None:
    assert selected("a.app|\nz", "app", "append", "(x)") == ["a.append(x)\nz"]


def test_with_a_popup_a_suggestion_that_rewrites_the_selected_one_is_left_out() -> None:
    assert selected("a.app|\nz", "app", "append", "ndix", before=3) == ["a.appendix\nz"][:0]


def popup(text: str, insertion: str) -> tuple[types.CompletionItem, Document]:
    here, offset = marked(text)
    item = convert.completion_item(here, offset, Suggestion(Span(offset, offset), insertion, ""), Encoding.Utf16)
    assert item is not None
    return item, here


def test_the_popup_entry_begins_at_the_word_that_editors_filter_on() -> None:
    item, here = popup("    ret|\n", "urn x + 1\n    # done")
    assert item.label == "return x + 1"
    assert item.filter_text is not None
    assert item.filter_text.startswith("ret")
    assert applied(here, item.text_edit.range, item.text_edit.new_text) == "    return x + 1\n    # done\n"
    assert item.documentation.value == "```python\nreturn x + 1\n    # done\n```"


def test_the_popup_entry_of_a_body_shows_its_first_line_that_has_text() -> None:
    item, here = popup("def f():|", "\n    return 1")
    assert item.label == "return 1"
    assert applied(here, item.text_edit.range, item.text_edit.new_text) == "def f():\n    return 1"


def test_a_long_label_is_shortened_and_a_fence_in_the_code_stays_inside_the_documentation() -> None:
    item, _ = popup("|", "x" * 100 + "\n````\n")
    assert len(item.label) == 60
    assert item.documentation.value.startswith("`````python\n")


def test_an_edit_before_the_cursor_that_crosses_lines_is_no_popup_entry() -> None:
    here, offset = marked("a\n|b")
    assert convert.completion_item(here, offset, Suggestion(Span(0, offset), "c", ""), Encoding.Utf16) is None


@pytest.mark.parametrize(
    ("named", "chosen"),
    [
        (None, Encoding.Utf16),
        ([], Encoding.Utf16),
        (["utf-8", "utf-16"], Encoding.Utf8),
        (["utf-7", "utf-32"], Encoding.Utf32),
        (["utf-7"], Encoding.Utf16),
    ],
)
def test_the_editors_first_known_encoding_is_taken(named: list[str] | None, chosen: Encoding) -> None:
    general = types.GeneralClientCapabilities(position_encodings=named)
    assert convert.negotiated(types.ClientCapabilities(general=general)) is chosen
