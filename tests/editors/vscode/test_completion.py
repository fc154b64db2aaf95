"""Completions of the real model, as a person gets them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from playwright.sync_api import expect

from tests.editors.vscode.compilers import compiles
from tests.editors.vscode.conftest import Start
from tests.editors.vscode.workbench import Workbench, until

pytestmark = pytest.mark.model

PYTHON = '''def is_palindrome(text: str) -> bool:
    """Whether text reads the same backwards.

    >>> is_palindrome("level")
    True
    >>> is_palindrome("phi")
    False
    """
'''
CPP = """#include <vector>

// The sum of the squares of all values.
int sum_of_squares(const std::vector<int>& values) {
"""
COMMENT = """import os


# the names of all files in the folder that end in .txt, sorted
"""


@pytest.fixture(scope="module")
def editor(start: Start, shelf: Mapping[str, str]) -> Workbench:
    editor = start(name="completion", environment=shelf)
    editor.open("warm.py", "import os\n")
    editor.ready()
    return editor


def completed(editor: Workbench, name: str, before: str, typed: str) -> str:
    """The file as it is saved once ``typed`` is typed behind ``before`` and the suggestion is taken."""
    path = editor.open(name, before)
    editor.type(typed)
    shown = editor.settled()
    written = editor.text()
    editor.keys("Tab")
    # What may follow it can be suggested at once.
    until(lambda: editor.text() == written + shown, "what was taken")
    editor.save()
    assert path.read_text() == written + shown
    return path.read_text()


def test_a_python_body_is_suggested_and_does_what_its_docstring_says(editor: Workbench):
    text = completed(editor, "palindrome.py", PYTHON, "    ")
    names: dict[str, object] = {}
    exec(compile(text, "palindrome.py", "exec"), names)
    check = names["is_palindrome"]
    assert callable(check)
    assert [check("level"), check("phi")] == [True, False]


def test_a_cpp_body_is_suggested_and_the_file_compiles(editor: Workbench):
    text = completed(editor, "squares.cpp", CPP, "    ")
    assert text.startswith(CPP)
    compiles(editor.server.workspace / "squares.cpp")


def test_a_comment_becomes_code_on_the_line_below(editor: Workbench):
    text = completed(editor, "comment.py", COMMENT[:-1], "\n")
    compile(text, "comment.py", "exec")
    assert ".txt" in text.removeprefix(COMMENT)


def test_keys_bring_other_suggestions_and_go_through_them(editor: Workbench):
    editor.open("others.py", PYTHON + "   ")
    editor.type(" ")
    first = editor.settled()
    editor.keys("Alt+BracketRight")
    texts = until(lambda: offered_by_key(editor), "others")
    assert len(texts) > 1
    assert first in texts
    seen = {editor.suggestion()}
    for _ in texts:
        editor.keys("Alt+BracketRight")
        seen.add(editor.suggestion())
    assert seen == set(texts)


def offered_by_key(editor: Workbench) -> list[str]:
    """What the server answered to the last request that was made by a key."""
    asked = editor.said(source="editor", method="textDocument/inlineCompletion")
    by_key = [one["id"] for one in asked if one["params"]["context"]["triggerKind"] == 1]
    answers = editor.said(source="server", answers="textDocument/inlineCompletion")
    found = [one for one in answers if one["id"] in by_key[-1:] and "result" in one]
    return [item["insertText"] for item in found[-1]["result"]["items"]] if found else []


def test_two_windows_on_one_machine_complete_at_the_same_time(editor: Workbench):
    servers = len(editor.said(source="editor", method="initialize"))
    with editor.another_window() as other:
        both = ((other, "two.py", PYTHON), (editor, "one.cpp", CPP))
        for window, name, text in both:
            window.page.bring_to_front()
            window.open(name, text)
            expect(window.status).to_contain_text("qwen2.5-coder")
        for window, _, _ in both:
            window.page.bring_to_front()
            window.type("    ")
        for window, name, text in reversed(both):
            window.page.bring_to_front()
            shown = window.suggestion()
            window.keys("Tab")
            window.save()
            path = window.server.workspace / name
            assert path.read_text() == f"{text}    {shown}"
            compiles(path)
        assert len(editor.said(source="editor", method="initialize")) == servers + 1


def test_the_popup_is_left_to_others(editor: Workbench):
    answer, *_ = editor.said(source="server", answers="initialize")
    assert "inlineCompletionProvider" in answer["result"]["capabilities"]
    assert "completionProvider" not in answer["result"]["capabilities"]
