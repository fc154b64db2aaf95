"""The status bar and its menu: what the model does, pausing, switching, looking at what is in force."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.editors.vscode.conftest import Start, answer, scripted
from tests.editors.vscode.workbench import Workbench, until

HEAD = 'def add(items):\n    """The sum."""\n   '
BODY = "return sum(items)"


@pytest.fixture(scope="module")
def editor(start: Start) -> Workbench:
    scripts = answer("rewrite", *["x"] * 1000, piece_delay=0.05), answer("The sum.", BODY)
    editor = start(*scripted(*scripts), name="status", exclude=["private_*.py"])
    editor.open("warm.py", "import os\n")
    editor.ready()
    return editor


def menu(editor: Workbench, *rows: str) -> None:
    """Click the item in the status bar, and choose rows of what opens."""
    editor.status.click()
    for row in rows:
        editor.choose(row)
    # From the status bar, where a space would open the menu again.
    editor.keys("Control+1")


def types_on(editor: Workbench, name: str) -> None:
    """What is typed arrives."""
    editor.open(name, "x = 1\n")
    editor.type("# typing goes on")
    until(lambda: editor.text().endswith("# typing goes on"), "what was typed")


def test_the_item_says_which_model_and_how_long_it_took(editor: Workbench):
    editor.open("seconds.py", HEAD)
    editor.type(" ")
    editor.suggestion(BODY)
    expect(editor.status).to_contain_text("scripted-model · 0.")


def test_an_empty_answer_has_its_reason_where_the_pointer_and_the_screen_reader_find_it(editor: Workbench):
    editor.open("empty.py", "x = 1\n")
    editor.type("y")
    expect(editor.status).to_contain_text("nothing")
    label = editor.status.locator("[aria-label]").first.get_attribute("aria-label")
    assert "The last answer was empty: the script is silent" in str(label)


def test_long_work_has_a_bar_whose_button_ends_it_and_the_text_stays(editor: Workbench):
    text = HEAD + " return 0\n"
    path = editor.open("long.py", text)
    editor.keys("ArrowUp")
    editor.run("phi-lsp: Rewrite This Function…")
    editor.enter("")
    editor.press("phi-lsp: Rewrite this function", "Cancel")
    expect(editor.message("phi-lsp: Rewrite this function")).to_have_count(0)
    until(lambda: editor.said(source="server", answers="workspace/executeCommand"), "the end of the command")
    expect(editor.status).to_contain_text("scripted-model")
    assert path.read_text() == text == editor.text()


def test_a_pause_ends_suggestions_until_it_is_resumed(editor: Workbench):
    menu(editor, "Pause completions…", "For an hour")
    expect(editor.status).to_contain_text("paused")
    editor.open("paused.py", HEAD)
    editor.type(" ")
    editor.page.wait_for_timeout(1000)
    assert not editor.ghost()
    menu(editor, "Resume completions")
    expect(editor.status).to_contain_text("scripted-model")
    editor.keys("Backspace")
    editor.type(" ")
    editor.suggestion(BODY)


def test_a_pause_of_a_language_is_one_of_its_files_alone(editor: Workbench):
    editor.open("language.py", HEAD)
    menu(editor, "Pause completions…", "In python files, until resumed")
    until(lambda: "python" in str(editor.said(source="editor", method="workspace/executeCommand")[-1]), "the pause")
    editor.type(" ")
    editor.page.wait_for_timeout(1000)
    assert not editor.ghost()
    editor.open("language.c", "/* The sum. */\n")
    editor.type("i")
    editor.suggestion(BODY)
    menu(editor, "Resume completions")


def test_the_state_stands_beside_the_language_too(editor: Workbench):
    editor.open("beside.py", "x = 1\n")
    editor.page.locator('[id="status.languageStatus"]').click()
    expect(editor.page.locator(".hover-language-status")).to_contain_text(["phi: scripted-model"])
    editor.keys("Escape")


def test_the_log_is_shown_and_calls_no_error_what_is_none(editor: Workbench):
    menu(editor, "Show the log")
    lines = editor.page.locator(".part.panel .view-line")
    expect(lines.filter(has_text="suggestions").first).to_contain_text("[info]")
    expect(lines.filter(has_text="[error]")).to_have_count(0)
    editor.run("View: Hide Panel")


def test_with_completions_turned_off_the_menu_has_what_a_running_server_can_do(editor: Workbench):
    editor.server.set(inline=False)
    expect(editor.status).to_contain_text("off")
    editor.status.click()
    rows = editor.page.locator(".quick-input-list")
    expect(rows).to_contain_text("Switch the model")
    expect(rows).to_contain_text("Show the settings in force")
    expect(rows).not_to_contain_text("Install the server")
    editor.keys("Escape")
    editor.server.set(inline=True)
    expect(editor.status).to_contain_text("scripted-model")


def test_the_settings_in_force_are_shown_and_what_differs_is_bold(editor: Workbench):
    editor.server.set(maxTokens=99)
    until(lambda: "99" in str(editor.said(source="editor", method="workspace/didChangeConfiguration")), "the change")
    editor.run("phi-lsp: Show the Settings in Force")
    row = editor.view().locator("tr").filter(has_text="maxTokens")
    expect(row.locator("strong")).to_have_text("99")
    editor.keys("Control+w")


def test_a_wrong_setting_is_told_with_what_to_write_instead(editor: Workbench):
    editor.server.set(maxTokens="many")
    expect(editor.message("maxTokens")).to_contain_text("write a whole number from 1 to 4096")
    types_on(editor, "wrong.py")
    editor.server.set(maxTokens=100)


def test_what_is_excluded_is_never_suggested_in(editor: Workbench):
    editor.open("private_keys.py", HEAD)
    editor.type(" ")
    editor.page.wait_for_timeout(1000)
    assert not editor.ghost()
    opened = editor.said(source="status")[-1]["lastRequest"]
    assert "exclude" in opened["reason"]


def test_the_server_and_its_engine_may_be_killed(editor: Workbench):
    editor.open("killed.py", HEAD)
    editor.type(" ")
    editor.suggestion(BODY)
    editor.kill_engine()
    editor.keys("Backspace", "Backspace")
    editor.type("\n    ")
    editor.suggestion(BODY)
    editor.kill_server()
    editor.type("# typing goes on")
    expect(editor.message("was started again")).to_be_visible()
    until(lambda: editor.text().endswith("# typing goes on"), "what was typed")
    until(lambda: len(editor.said(source="editor", method="initialize")) == 2, "another server")
    editor.open("again.py", HEAD)
    until(lambda: "scripted-model" in editor.status.inner_text(), "a model")
    editor.type(" ")
    editor.suggestion(BODY)


def test_the_menu_restarts_the_server(editor: Workbench):
    begun = len(editor.said(source="server", answers="initialize"))
    menu(editor, "Restart the server")
    until(lambda: len(editor.said(source="server", answers="initialize")) == begun + 1, "another server")
    expect(editor.status).to_contain_text("scripted-model")
    editor.open("restarted.py", HEAD)
    editor.type(" ")
    editor.suggestion(BODY)


def test_a_server_that_is_not_there_is_told_with_what_to_do(editor: Workbench):
    editor.server.set(path="/nowhere/phi-lsp")
    expect(editor.message("could not be started")).to_contain_text("correct the setting")
    expect(editor.status).to_contain_text("failed")
    types_on(editor, "absent.py")
    editor.run("phi-lsp: Review This File")
    expect(editor.message("phi-lsp.path names /nowhere/phi-lsp").first).to_be_visible()
