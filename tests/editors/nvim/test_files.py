"""Files as they lie on the disk: a fix, a rewrite and a comment change what they mean to, and no other byte."""

from __future__ import annotations

import pytest

from tests.editors.nvim.conftest import Start
from tests.editors.nvim.editor import Editor
from tests.server.asking import found
from tests.server.conftest import scripted

SCRIPTS = (
    found("items[1]~off-by-one~The first has the number 0.~items[0]"),
    scripted("auto all = items;\r\n\treturn all[0];", when="rewrite int"),
    scripted("all = items\n\treturn all[0]", when="rewrite def"),
    scripted("1;\r\n\tint z = 2;", when="int y = "),
    scripted("größe = '🙂'\r\nprint(größe)\r\n", when="generate "),
)
FIRST = "def first(items):\n    return {}items[1]\n"
FILES = {
    "emoji": ("py", FIRST.format("'🙂👩‍👩‍👧', ")),
    "CJK": ("py", FIRST.format("'日本語', ")),
    "combining": ("py", FIRST.format("'e\u0301n\u0303', ")),
    "DOS with tabs": ("py", "import os\r\n\r\n\r\ndef first(items):\r\n\treturn items[1]\r\n"),
    "C++ of DOS with tabs": ("cpp", "int first(const int* items) {\r\n\treturn /* 🙂 */ items[1];\r\n}\r\n"),
    "no last line end": ("py", FIRST.format("").rstrip()),
    "ten thousand lines": ("py", "a = 1\n" * 5000 + FIRST.format("") + "a = 1\n" * 5000),
}


@pytest.fixture(scope="module")
def editor(start_shared: Start) -> Editor:
    return start_shared(*SCRIPTS, more="vim.o.fixendofline = false")


@pytest.mark.parametrize(("kind", "text"), FILES.values(), ids=FILES)
def test_a_fix_changes_what_was_underlined(editor: Editor, kind: str, text: str) -> None:
    editor.open_new(kind, text)
    editor.lua("vim.fn.search('items.1.')")
    editor.command("PhiLsp review")
    editor.until(lambda: editor.underlined() == ["items[1]"], "the finding")
    editor.command("PhiLsp fix")
    editor.until(lambda: any("items[0]" in line for line in editor.lines), "the fix")
    assert editor.save() == text.replace("items[1]", "items[0]").encode()


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("py", "return items[1]", "all = items\r\n\treturn all[0]"),
        ("cpp", "return /* 🙂 */ items[1];", "auto all = items;\r\n\treturn all[0];"),
    ],
    ids=["Python", "C++"],
)
def test_a_rewrite_keeps_line_ends_and_tabs(editor: Editor, kind: str, old: str, new: str) -> None:
    text = FILES["DOS with tabs" if kind == "py" else "C++ of DOS with tabs"][1]
    editor.open_new(kind, text)
    editor.lua("vim.fn.search('items.1.')")
    editor.command("PhiLsp rewrite")
    editor.until(lambda: "makes this change" in editor.screen.text, "the difference")
    editor.keys("<CR>")
    assert editor.save() == text.replace(old, new).encode()


def test_what_is_accepted_keeps_line_ends_and_tabs(editor: Editor) -> None:
    text = FILES["C++ of DOS with tabs"][1]
    editor.open_new("cpp", text)
    editor.keys("o")
    editor.type("int y = ")
    editor.wait_for_ghost("int z = 2;")
    editor.keys("<Tab>")
    editor.until(lambda: len(editor.lines) == 5, "all of it")
    first = text.splitlines(keepends=True)[0]
    assert editor.save() == text.replace(first, f"{first}\tint y = 1;\r\n\tint z = 2;\r\n").encode()


def test_code_for_a_comment_keeps_line_ends(editor: Editor) -> None:
    before, comment = "import os\r\n", "# print '🙂'\r\n"
    editor.open_new("py", before + comment)
    editor.keys("G")
    editor.command("PhiLsp generate")
    editor.until(lambda: len(editor.lines) > 2, "the code")
    # The scripted engine's code stands where the cursor is.
    assert editor.save() == f"{before}größe = '🙂'\r\nprint(größe)\r\n{comment}".encode()
