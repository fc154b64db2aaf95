"""Findings, fixes and rewrites of the real server and model, as a person sees and takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from tests.editors.vscode.compilers import compiles
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
CPP = """// The nth triangular number: triangle(3) == 6.
constexpr int triangle(int n) {
    int sum = 0;
    for (int i = 1; i < n; ++i) {
        sum += i;
    }
    return sum;
}
"""
CPP_RIGHT = CPP.replace("i < n", "i <= n")
HOLDS = "static_assert(triangle(3) == 6);\n"
FACES = '"😀👩\u200d💻漢字e\u0301"'
"""Letters that are more than one of UTF-8, of UTF-16, of Unicode, or wider than others."""
LAST = WRONG.partition("\n\n\n")[0].replace("return", f"return {FACES} and")
WINDOWS = f"faces = {FACES}\n\n\n{LAST}\n".replace("\n", "\r\n")


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


@dataclass(frozen=True)
class Mistake:
    """One in a text: what of it is underlined, and which part becomes what."""

    text: str
    underlined: str
    wrong: str
    right: str
    holds: str = ""
    """What compiles below it once it is mended."""

    @property
    def place(self) -> tuple[int, int]:
        """Line and column of what is wrong, as VS Code counts them."""
        before = self.text[: self.text.index(self.wrong)].split("\n")
        return len(before), len(before[-1].encode("utf-16-le")) // 2 + 1


MISTAKES = {
    "triangle.cpp": Mistake(CPP, "<", "< n", "<= n", HOLDS),
    "windows.py": Mistake(WINDOWS, MISSING, ")]", ") - 1]"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_exactly_the_mistake_is_underlined_and_its_fix_changes_nothing_else(editor: Workbench, name: str):
    mistake = MISTAKES[name]
    path = editor.open(name, mistake.text)
    editor.run("phi-lsp: Review This File")
    until(lambda: editor.underlined() == [mistake.underlined], "the finding")
    editor.go(*mistake.place)
    editor.run("phi-lsp: Apply the Fix of This Finding")
    until(lambda: not editor.underlined(), "the end of the finding")
    editor.save()
    assert path.read_bytes().decode() == mistake.text.replace(mistake.wrong, mistake.right)
    compiles(path, mistake.holds)


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
    """Tick all that the preview offers, and apply it."""
    preview = editor.page.locator(".bulk-edit-panel")
    boxes = preview.locator("input[type=checkbox]")
    boxes.first.wait_for()
    for box in boxes.all():
        box.check()
    preview.get_by_role("button", name="Apply").click()
    preview.wait_for(state="hidden")
    editor.page.locator(".editor-instance .view-lines").click()


REWRITES = {
    "rewrite.py": (WRONG, (7, 10), "return None when there are no items", ""),
    "windows_rewrite.py": (WINDOWS, (10, 10), "return None when there are no items", ""),
    "rewrite.cpp": (CPP_RIGHT, (5, 10), "add up with a while loop", HOLDS),
}


@pytest.mark.parametrize("name", REWRITES)
def test_a_rewrite_is_previewed_and_applied_and_one_undo_brings_the_old_text_back(editor: Workbench, name: str):
    text, place, wish, holds = REWRITES[name]
    path = editor.open(name, text)
    editor.go(*place)
    editor.run("phi-lsp: Rewrite This Function…")
    editor.enter(wish)
    expect(editor.page.locator(".bulk-edit-panel")).to_contain_text(name)
    assert path.read_bytes().decode() == text
    agree(editor)
    editor.save()
    compiles(path, holds)
    changed = path.read_bytes().decode()
    assert changed != text
    assert changed.count("\r\n") == ("\r\n" in text) * changed.count("\n")
    editor.keys("Control+z")
    editor.save()
    assert path.read_bytes().decode() == text


COMMENTS = {
    "generate.py": "# the square of a number\n",
    "windows_generate.py": f"# {FACES}\r\n\r\n\r\n# {FACES}, the square of a number\r\n",
    "generate.cpp": "// the square of a number\n",
}


@pytest.mark.parametrize("name", COMMENTS)
def test_a_comment_becomes_code_once_the_preview_is_agreed_to(editor: Workbench, name: str):
    comment = COMMENTS[name]
    path = editor.open(name, comment)
    editor.keys("ArrowUp")
    editor.run("phi-lsp: Write Code for This Comment")
    agree(editor)
    editor.save()
    compiles(path)
    text = path.read_bytes().decode()
    assert text.startswith(comment)
    assert text.removeprefix(comment).strip()
    assert text.count("\r\n") == ("\r\n" in comment) * text.count("\n")
