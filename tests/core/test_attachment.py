from __future__ import annotations

import pytest

from lsp_server.core.attachment import attached
from lsp_server.core.document import Document, Span
from lsp_server.core.fences import fenced

TEXT = "import os\n\n\ndef f(x):\n    return x\n\n\ndef g(y):\n    return y\n"
PLENTY = 1000


def shown(span: Span | None, room: int = PLENTY, language: str = "python", text: str = TEXT) -> str:
    return attached(Document("file:///a", language, text), span, room).of(text)


def at(mark: str) -> Span:
    return Span(TEXT.index(mark), TEXT.index(mark))


def test_a_cursor_means_its_function_or_else_the_file() -> None:
    assert shown(at("return x")) == "def f(x):\n    return x"
    assert shown(at("import")) == TEXT
    assert shown(at("return x"), language="cobol") == TEXT
    assert shown(None) == TEXT


def test_a_selection_is_shown_with_its_indentation() -> None:
    start = TEXT.index("return y")
    assert shown(Span(start, start + 8)) == "    return y"
    assert shown(Span(start + 7, start + 8)) == "y"


@pytest.mark.parametrize("span", [None, at("import"), at("return x"), at("return y"), Span(0, len(TEXT))])
@pytest.mark.parametrize("room", [0, 1, 12, 20, 30])
def test_there_is_never_more_than_there_is_room_for(span: Span | None, room: int) -> None:
    assert len(shown(span, room)) <= room


def test_where_room_is_short_whole_lines_around_the_place_are_shown() -> None:
    lines = "".join(f"line{number:02}\n" for number in range(40))
    middle = lines.index("line20")
    part = shown(Span(middle, middle), 50, "cobol", lines)
    assert "line20\n" in part
    assert set(part.splitlines()) <= set(lines.splitlines())
    assert shown(None, 15, "cobol", lines) == "line00\nline01\n"


def test_a_block_has_fences_that_its_text_has_not() -> None:
    assert fenced("x\n", "python") == "```python\nx\n```"
    assert fenced("````x") == "`````\n````x\n`````"
