"""The panel in which questions are asked: answers stream, are cancelled, copied and written into the file."""

from __future__ import annotations

import pytest
from playwright.sync_api import FrameLocator, expect

from tests.editors.vscode.conftest import Start, answer, scripted
from tests.editors.vscode.workbench import Workbench, until

CODE = "def double(x):\n    return x * 2"
ANSWER = f"Use **this**:\n\n```python\n{CODE}\n```\n\nIt doubles. <b>no</b> ![](https://example.org/x.png)\n"
PIECES = [ANSWER[start : start + 12] for start in range(0, len(ANSWER), 12)]
ENDLESS = ["word "] * 2000


@pytest.fixture(scope="module")
def editor(start: Start) -> Workbench:
    server = scripted(
        answer("how to double", *PIECES, piece_delay=0.1),
        answer("slowly", "Late.", prompt_delay=600),
        answer("for ever", *ENDLESS, piece_delay=0.05),
        answer("", "Something else."),
    )
    editor = start(*server, name="ask")
    editor.open("warm.py", "import os\n")
    editor.ready()
    return editor


def panel(editor: Workbench) -> FrameLocator:
    """The panel, with the cursor in it."""
    editor.run("phi-lsp: Ask a Question")
    page = editor.view()
    expect(page.locator("#question")).to_be_focused()
    return page


def ask(editor: Workbench, question: str) -> FrameLocator:
    """The panel, with a question as the first of a conversation."""
    editor.run("phi-lsp: Clear the Conversation")
    return ask_more(editor, question)


def ask_more(editor: Workbench, question: str) -> FrameLocator:
    page = panel(editor)
    page.locator("#question").fill(question)
    page.locator("#question").press("Enter")
    return page


def test_an_answer_streams_as_markdown_and_nothing_of_it_is_loaded(editor: Workbench):
    page = ask(editor, "how to double")
    last = page.locator(".answer").last
    expect(last).to_contain_text("Use this")
    assert "doubles" not in last.inner_text(), "it is shown while it is written"
    expect(last).to_contain_text("It doubles.")
    assert last.locator("strong").inner_text() == "this"
    assert last.locator("pre code").inner_text().rstrip("\n") == CODE
    assert last.locator("b, img").count() == 0
    expect(last).to_contain_text("<b>no</b>")


def test_code_of_an_answer_is_copied_and_written_where_the_cursor_is(editor: Workbench):
    path = editor.open("insert.py", "x = 1\n")
    last = ask(editor, "how to double").locator(".answer").last
    last.get_by_role("button", name="Copy answer").wait_for()
    last.get_by_role("button", name="Copy", exact=True).click()
    until(lambda: editor.page.evaluate("navigator.clipboard.readText()").rstrip("\n") == CODE, "the code")
    last.get_by_role("button", name="Insert").click()
    until(lambda: "return x * 2" in editor.text(), "the code in the file")
    editor.save()
    assert path.read_text().rstrip("\n") == "x = 1\n" + CODE
    editor.keys("Control+z")
    editor.save()
    assert path.read_text() == "x = 1\n"


def test_stop_ends_the_computation_and_what_was_written_stays(editor: Workbench):
    page = ask(editor, "for ever")
    last = page.locator(".answer").last
    expect(last).to_contain_text("word word word")
    page.get_by_role("button", name="Stop").click()
    expect(last).to_contain_text("stopped")
    expect(last).to_contain_text("word word word")
    asked = editor.said(source="editor", method="phi-lsp/ask")[-1]["id"]
    assert [one for one in editor.said(source="editor", method="$/cancelRequest") if one["params"]["id"] == asked]
    until(lambda: editor.said(source="server", answers="phi-lsp/ask", id=asked), "the end of the request")


def test_the_keyboard_is_enough(editor: Workbench):
    editor.run("phi-lsp: Clear the Conversation")
    page = panel(editor)
    editor.type("for ever")
    editor.keys("Enter")
    expect(page.locator(".answer").last).to_contain_text("word word")
    editor.keys("Escape")
    expect(page.locator(".answer").last).to_contain_text("stopped")
    editor.keys("Tab")
    expect(page.locator("#send")).to_be_focused()


def test_a_question_goes_with_the_file_and_what_was_said_before(editor: Workbench):
    editor.open("about.py", "y = 2\n")
    ask(editor, "anything")
    expect(editor.view().locator(".answer")).to_contain_text("Something else.")
    ask_more(editor, "and then")
    expect(editor.view().locator(".answer")).to_contain_text(["Something else."] * 2)
    sent = editor.said(source="editor", method="phi-lsp/ask")[-1]["params"]
    assert sent["uri"].endswith("about.py")
    assert [turn["role"] for turn in sent["history"]] == ["user", "assistant"]
    expect(editor.view().locator(".question").last).to_contain_text("about.py, line 2")


def test_a_file_that_the_server_does_not_follow_is_not_asked_about(editor: Workbench):
    editor.open("notes.md", "# Notes\n")
    page = ask(editor, "anything")
    expect(page.locator(".answer")).to_contain_text("Something else.")
    expect(page.locator("#with-code")).to_be_hidden()
    assert "uri" not in editor.said(source="editor", method="phi-lsp/ask")[-1]["params"]
    editor.open("followed.py", "y = 2\n")
    expect(page.locator("#with-code")).to_be_visible()


def test_a_cleared_conversation_stays_empty(editor: Workbench):
    page = ask(editor, "for ever")
    expect(page.locator(".answer")).to_contain_text("word word")
    asked = editor.said(source="editor", method="phi-lsp/ask")[-1]["id"]
    editor.run("phi-lsp: Clear the Conversation")
    until(lambda: editor.said(source="server", answers="phi-lsp/ask", id=asked), "the end of the request")
    editor.page.wait_for_timeout(1000)
    assert page.locator(".answer").count() == 0
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()


def test_a_question_amid_an_answer_takes_its_place_and_can_be_stopped(editor: Workbench):
    page = ask(editor, "for ever")
    expect(page.locator(".answer")).to_contain_text("word word")
    ask_more(editor, "slowly")
    expect(page.locator(".answer").first).to_contain_text("stopped")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    editor.keys("Escape")
    expect(page.locator(".answer").last).to_contain_text("stopped")
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()


def test_without_a_server_the_question_is_kept_and_what_to_do_is_said(editor: Workbench):
    editor.open("alone.py", "y = 2\n")
    editor.server.set(path="/nowhere/phi-lsp")
    expect(editor.status).to_contain_text("failed")
    page = ask(editor, "is anybody there")
    expect(page.locator(".question")).to_contain_text("is anybody there")
    expect(page.locator(".answer")).to_contain_text("correct the setting, or empty it")
