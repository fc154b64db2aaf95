"""The extension for who sees little or nothing: a theme of high contrast, and VS Code as screen readers have it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FrameLocator, Locator, expect

from tests.editors.vscode.conftest import Start, answer, scripted
from tests.editors.vscode.workbench import Workbench

HEAD = 'def add(items):\n    """The sum."""\n    '
BODY = "total = 0\n    for item in items:\n        total += item\n    return total"
FLAWED = "def twice(number):\n    return number * 3\n"
FINDING = "This is three times as much."
SETTINGS = {"workbench.colorTheme": "Default High Contrast", "editor.accessibilitySupport": "on"}


@pytest.fixture(scope="module")
def editor(start: Start) -> Workbench:
    server = scripted(
        answer("review", f"number * 3~wrong-result~{FINDING}~number * 2\n"),
        answer("how to add", "Use `sum`.\n\n```python\nsum(items)\n```\n"),
        answer("The sum.", BODY),
    )
    editor = start(*server, name="accessible", besides=SETTINGS)
    editor.open("warm.py", "import os\n")
    editor.ready()
    return editor


def test_a_suggestion_is_announced_in_words_and_tab_takes_it(editor: Workbench):
    path = editor.open("announced.py", HEAD[:-1])
    editor.type(" ")
    expect(editor.page.locator(".monaco-aria-container")).to_contain_text("total = 0")
    editor.suggestion(BODY)
    editor.keys("Tab")
    editor.save()
    assert path.read_text() == HEAD + BODY


def test_a_finding_is_named_in_the_list_of_problems_with_its_words_and_its_line(editor: Workbench):
    editor.open("flawed.py", FLAWED)
    editor.run("phi-lsp: Review This File")
    editor.keys("Control+Shift+m")
    problem = editor.page.get_by_role("treeitem", name=re.compile(re.escape(FINDING)))
    expect(problem).to_have_accessible_name(re.compile("line 2 .* phi-lsp"))
    editor.keys("Control+Shift+m")


@pytest.fixture(scope="module")
def panel(editor: Workbench) -> FrameLocator:
    """The panel for questions, with an answer in it."""
    editor.run("phi-lsp: Ask a Question")
    page = editor.view()
    page.get_by_role("textbox", name="Your question").fill("how to add")
    page.get_by_role("button", name="Ask").press("Enter")
    page.get_by_role("button", name="Copy answer").wait_for()
    return page


def test_all_of_the_panel_for_questions_has_a_role_and_a_name(panel: FrameLocator):
    expect(panel.get_by_role("log", name="Questions and answers")).to_contain_text("Use sum.")
    for name in ("Ask", "Copy answer", "Insert"):
        expect(panel.get_by_role("button", name=name)).to_be_visible()


@pytest.mark.parametrize("part", ["#question", "#send", ".question", "pre"])
def test_what_is_written_in_pressed_and_read_has_a_line_around_it_that_is_seen(panel: FrameLocator, part: str):
    panel.locator("#question").focus()
    line = "outline" if part == "#question" else "border-top"
    assert styled(panel.locator(part), f"{line}-style") == "solid"
    assert contrast(styled(panel.locator(part), f"{line}-color"), BLACK) >= LEAST_CONTRAST


BLACK = "rgb(0, 0, 0)"
"""What this theme has behind all."""
LEAST_CONTRAST = 3
"""Of what is not text, as the Web Content Accessibility Guidelines have it."""


def contrast(one: str, other: str) -> float:
    """Between two colours, as the guidelines count it."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Of what a browser calls ``rgb(…)``."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def styled(part: Locator, name: str) -> str:
    """What the browser made of a property of style."""
    return part.evaluate("(element, name) => getComputedStyle(element).getPropertyValue(name)", name)
