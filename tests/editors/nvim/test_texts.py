"""Texts that editors and servers count differently, files of all shapes: what is accepted stands where it was shown."""

from __future__ import annotations

import pytest

from tests.editors.nvim.conftest import Start
from tests.editors.nvim.editor import Editor
from tests.server.conftest import scripted

SCRIPTS = (
    scripted("tabbed\n\treturn y", when="\n\t"),
    scripted("first\r\nsecond", when="\r\n"),
    scripted("größe + 1  # 日本\nprint('🙂')", when="= "),
)
UNUSUAL = {"emoji": "x = '🙂👩‍👩‍👧' = ", "CJK": "x = '日本語' = ", "combining": "x = 'e\u0301n\u0303' = "}


@pytest.fixture(scope="module")
def editor(start_shared: Start) -> Editor:
    return start_shared(*SCRIPTS)


@pytest.mark.parametrize("before", UNUSUAL.values(), ids=UNUSUAL)
def test_unusual_characters_before_the_cursor_move_nothing(editor: Editor, before: str) -> None:
    editor.open_new("py")
    editor.type(before)
    editor.wait_for_ghost("größe + 1  # 日本\nprint('🙂')")
    editor.type("größe")
    assert editor.ghost() == " + 1  # 日本\nprint('🙂')"
    editor.keys("<M-Right><M-Right>")
    editor.until(lambda: editor.lines == [before + "größe + 1"], "two words")
    editor.keys("<Tab>")
    editor.until(lambda: len(editor.lines) == 2, "all of it")
    assert editor.save().decode() == f"{before}größe + 1  # 日本\nprint('🙂')\n"


def test_a_file_of_dos_keeps_its_line_ends_and_gets_no_others(editor: Editor) -> None:
    editor.open_new("py")
    editor.keys("<Esc>")
    editor.command("set fileformat=dos")
    editor.keys("i")
    editor.type("a = 1\nb = ")
    assert editor.wait_for_ghost("first") == "first\nsecond"
    editor.keys("<Tab>")
    editor.until(lambda: len(editor.lines) == 3, "all of it")
    assert editor.save() == b"a = 1\r\nb = first\r\nsecond\r\n"


def test_tabs_are_shown_as_wide_as_they_will_be(editor: Editor) -> None:
    editor.open_new("py")
    editor.lua("vim.bo.expandtab, vim.bo.tabstop = false, 4")
    editor.type("def f(y):\n")
    editor.until(lambda: editor.lines == ["def f(y):", "\t"], "the indentation")
    editor.wait_for_ghost("tabbed")
    editor.settle()
    assert editor.screen.text.splitlines()[:3] == ["def f(y):", "    tabbed", "    return y"]
    editor.keys("<Tab>")
    editor.until(lambda: len(editor.lines) == 3, "all of it")
    assert editor.save() == b"def f(y):\n\ttabbed\n\treturn y\n"


def test_a_file_without_a_last_line_end_keeps_to_that(editor: Editor) -> None:
    editor.open_new("py")
    editor.lua("vim.bo.fixendofline, vim.bo.endofline = false, false")
    editor.type("x = ")
    editor.wait_for_ghost("größe")
    editor.keys("<Tab>")
    editor.until(lambda: len(editor.lines) == 2, "all of it")
    assert editor.save().decode() == "x = größe + 1  # 日本\nprint('🙂')"


def test_text_behind_the_cursor_stays_behind_what_is_accepted(editor: Editor) -> None:
    editor.open_new("py")
    editor.type("f(x = )")
    editor.keys("<Esc>i")
    editor.wait_for_ghost("größe")
    editor.keys("<M-Right>")
    editor.until(lambda: editor.lines == ["f(x = größe)"], "the word")


def test_ten_thousand_lines_are_no_hindrance(editor: Editor) -> None:
    editor.open_new("py")
    editor.keys("<Esc>")
    editor.lua("vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.fn['repeat']({'a = 1'}, 10000))")
    editor.keys("5000Go")
    editor.type("x = ")
    editor.wait_for_ghost("größe")
    editor.keys("<Tab>")
    editor.until(lambda: len(editor.lines) == 10002, "all of it")
    lines = editor.save().decode().splitlines()
    assert lines[4999:5003] == ["a = 1", "x = größe + 1  # 日本", "print('🙂')", "a = 1"]
