"""Findings, fixes and rewrites of the real server and model, as a person sees and takes them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from playwright.sync_api import expect

from tests.editors.vscode.conftest import Start
from tests.editors.vscode.workbench import Workbench, until

pytestmark = pytest.mark.model

WRONG = '''def last(items):
    """The last of the items.

    >>> last([1, 2])
    2
    """
    return items[len(items)]


def add(item, items=[]):
    items.append(item)
    return items
'''
RIGHT = WRONG.replace("items[len(items)]", "items[len(items) - 1]")
MISSING = ")"
"""Where `- 1` is missing."""
SHARED = "items=[]"
COMMENT = "# the square of a number\n"


@pytest.fixture(scope="module")
def editor(start: Start, shelf: Mapping[str, str]) -> Workbench:
    editor = start(name="review", environment=shelf)
    editor.open("warm.py", "import os\n")
    editor.ready()
    return editor


def reviewed(editor: Workbench, name: str) -> Workbench:
    """A file with two mistakes, reviewed."""
    editor.open(name, WRONG)
    editor.run("phi-lsp: Review This File")
    until(lambda: len(editor.underlined()) == 2, "two findings")
    return editor


def test_a_review_underlines_what_it_found_and_lists_it_with_the_problems(editor: Workbench):
    assert sorted(reviewed(editor, "review.py").underlined()) == [MISSING, SHARED]
    editor.keys("Control+Shift+m")
    problems = editor.page.locator(".markers-panel .monaco-list-row")
    expect(problems.filter(has_text="raises IndexError, the documentation says 2")).to_contain_text("phi-lsp")
    expect(problems.filter(has_text="raises IndexError, the documentation says 2")).to_contain_text("Ln 7")
    expect(problems.filter(has_text="The default of")).to_contain_text("Ln 10")
    editor.keys("Control+Shift+m")


def test_the_fix_mends_it_and_one_undo_brings_it_back(editor: Workbench):
    reviewed(editor, "fix.py")
    editor.go(7, 27)
    editor.run("phi-lsp: Apply the Fix of This Finding")
    until(lambda: "len(items) - 1]" in editor.text(), "the fix")
    editor.save()
    assert (editor.server.workspace / "fix.py").read_text() == RIGHT
    until(lambda: MISSING not in editor.underlined(), "the end of the finding")
    editor.keys("Control+z")
    editor.save()
    assert (editor.server.workspace / "fix.py").read_text() == WRONG


def test_the_light_bulb_offers_the_fix_and_it_is_preferred(editor: Workbench):
    reviewed(editor, "bulb.py")
    editor.go(7, 27)
    editor.keys("Control+Period")
    rows = editor.page.locator(".action-widget .monaco-list-row")
    expect(rows.filter(has_text="Insert `- 1`")).to_be_visible()
    editor.keys("Enter")
    until(lambda: "len(items) - 1]" in editor.text(), "the fix")


def test_what_was_dismissed_is_not_shown_again_after_a_restart(editor: Workbench):
    reviewed(editor, "dismiss.py")
    editor.go(7, 27)
    editor.run("phi-lsp: Dismiss This Finding")
    until(lambda: len(editor.underlined()) == 1, "the dismissal")
    editor.reload()
    reviewed_again(editor, "dismiss.py")
    assert MISSING not in editor.underlined()
    editor.run("phi-lsp: Show Dismissed Findings Again")
    until(lambda: MISSING in editor.underlined(), "the finding again")


def reviewed_again(editor: Workbench, name: str) -> None:
    """The same file, after the window was opened anew."""
    before = len(editor.said(source="server", answers="workspace/executeCommand"))
    editor.open(name)
    until(lambda: "qwen" in editor.status.inner_text(), "a model")
    editor.run("phi-lsp: Review This File")
    until(lambda: len(editor.said(source="server", answers="workspace/executeCommand")) > before, "the review")
    until(lambda: len(editor.underlined()) == 1, "what was not dismissed")


def test_an_explanation_is_told(editor: Workbench):
    reviewed(editor, "explain.py")
    editor.go(10, 16)
    editor.run("phi-lsp: Explain This Finding")
    expect(editor.message("The default of `items` is made once").last).to_contain_text("shared by all calls")


def agree(editor: Workbench) -> None:
    """Tick what the preview offers, and apply it."""
    preview = editor.page.locator(".bulk-edit-panel")
    boxes = preview.locator("input[type=checkbox]")
    boxes.last.check()
    preview.get_by_role("button", name="Apply").click()
    preview.wait_for(state="hidden")
    editor.page.locator(".editor-instance .view-lines").click()


def test_a_rewrite_is_previewed_and_applied_and_one_undo_brings_the_old_text_back(editor: Workbench):
    path = editor.open("rewrite.py", WRONG)
    editor.go(7, 10)
    editor.run("phi-lsp: Rewrite This Function…")
    editor.enter("return None when there are no items")
    expect(editor.page.locator(".bulk-edit-panel")).to_contain_text("items")
    assert "return items[len(items)]" in editor.text()
    agree(editor)
    editor.save()
    changed = path.read_text()
    compile(changed, "rewrite.py", "exec")
    assert changed != WRONG
    editor.keys("Control+z")
    editor.save()
    assert path.read_text() == WRONG


def test_a_comment_becomes_code_once_the_preview_is_agreed_to(editor: Workbench):
    path = editor.open("generate.py", COMMENT)
    editor.go(1, 4)
    editor.run("phi-lsp: Write Code for This Comment")
    agree(editor)
    editor.save()
    compile(path.read_text(), "generate.py", "exec")
    assert path.read_text().startswith(COMMENT)
    assert len(path.read_text()) > len(COMMENT)
