"""`:PhiLsp` in a real Neovim, with a server whose engine is scripted."""

from __future__ import annotations

import re

import pytest

from tests.editors.nvim.conftest import Start
from tests.editors.nvim.editor import Editor
from tests.server.asking import TEXT, found
from tests.server.conftest import SLOW, scripted

TWO = found(
    "items == None~wrong-condition~None is compared by identity.~items is None",
    "items[1]~off-by-one~The first has the number 0.~items[0]",
)
SCRIPTS = (
    TWO,
    scripted(*["x"] * 1000, when="rewrite forever", **SLOW),
    scripted(*["x"] * 1000, when="rewrite def last", **SLOW),
    scripted("return next(iter(items))", when="rewrite make it short"),
    scripted("return items and items[0]", when="rewrite "),
    scripted('"""The first item."""\n    return items[1]', when="docstring "),
    scripted("return items[-1]", when="complete "),
    scripted("def add(a, b):\n    return a + b\n", when="generate "),
    scripted("It is compared by identity.", when="explain "),
    scripted(*[" again"] * 1000, when="Forever?", **SLOW),
    scripted(" And then", when="Then?"),
    scripted(" It is in there.", when="unheard_of"),
    scripted(" Use", " it:\n\n```python", "\nprint(1)\nprint(2)\n", "```\nSo", " it is.", when="How?", **SLOW),
    scripted(),
)


@pytest.fixture(scope="module")
def shared(start_shared: Start) -> Editor:
    return start_shared(*SCRIPTS)


@pytest.fixture
def editor(shared: Editor) -> Editor:
    """`TEXT` is open, the cursor at its beginning."""
    path = shared.open_new("py")
    shared.keys("<Esc>")
    path.write_text(TEXT)
    shared.command("silent edit!")
    shared.until(shared.attached, "the server again")
    return shared


def at(editor: Editor, mark: str) -> None:
    """The cursor on the first place of that text."""
    editor.lua("vim.fn.cursor(1, 1) vim.fn.search(..., 'cW')", rf"\V{mark}")


def reviewed(editor: Editor, count: int = 2) -> list[dict[str, object]]:
    at(editor, "items == None")
    editor.command("PhiLsp review")
    return editor.until(lambda: (there := editor.diagnostics()) and len(there) == count and there, "the findings")


def test_a_review_shows_diagnostics_at_their_ranges(editor: Editor) -> None:
    first, second = sorted(reviewed(editor), key=lambda one: one["lnum"])
    assert (first["lnum"], first["col"], first["end_lnum"], first["end_col"]) == (4, 7, 4, 20)
    assert (first["source"], first["message"]) == ("phi-lsp", "None is compared by identity.")
    assert (second["lnum"], second["col"], second["end_col"]) == (6, 11, 19)
    editor.until(lambda: editor.underlined() == ["items == None", "items[1]"], "the lines below them")
    editor.until(lambda: "2 found" in editor.screen.text, "how many there are")


def test_a_finding_is_mended_in_one_step(editor: Editor) -> None:
    reviewed(editor)
    at(editor, "items == None")
    editor.command("PhiLsp fix")
    editor.until(lambda: editor.lines[4] == "    if items is None:", "the fix")
    editor.keys("u")
    assert editor.lines == TEXT.splitlines()


def test_a_finding_is_explained_and_dismissed(editor: Editor) -> None:
    reviewed(editor)
    at(editor, "items[1]")
    editor.command("PhiLsp explain")
    editor.until(lambda: "It is compared by identity." in editor.screen.text, "the explanation")
    editor.command("PhiLsp dismiss")
    editor.until(lambda: [one["lnum"] for one in editor.diagnostics()] == [4], "one finding less")


def test_where_there_is_no_finding_the_next_step_is_told(editor: Editor) -> None:
    editor.command("PhiLsp fix")
    editor.until(lambda: ":PhiLsp review looks for some" in editor.screen.text, "what to do")


def test_a_rewrite_is_shown_before_it_is_made(editor: Editor) -> None:
    at(editor, "items[1]")
    editor.command("PhiLsp rewrite make it short")
    editor.until(lambda: "+    return next(iter(items))" in editor.screen.text, "the difference")
    assert "-    return items[1]" in editor.screen.text
    editor.keys("<CR>")
    editor.until(lambda: "    return next(iter(items))" in editor.lines, "the change")
    assert "    return items[1]" not in editor.lines
    editor.keys("u")
    assert editor.lines == TEXT.splitlines()


def test_a_rewrite_that_is_not_wanted_changes_nothing(editor: Editor) -> None:
    at(editor, "items[1]")
    editor.command("PhiLsp rewrite")
    editor.until(lambda: "+    return items and items[0]" in editor.screen.text, "the difference")
    editor.keys("q")
    assert editor.lines == TEXT.splitlines()
    assert "+    return items" not in editor.screen.text


def test_a_rewrite_of_a_text_that_changed_meanwhile_is_not_made(editor: Editor) -> None:
    at(editor, "items[1]")
    editor.command("PhiLsp rewrite")
    editor.until(lambda: "+    return items and items[0]" in editor.screen.text, "the difference")
    editor.lua("local buf = vim.fn.bufnr('#') vim.api.nvim_buf_set_lines(buf, 0, 1, false, {'import sys'})")
    editor.keys("<CR>")
    editor.until(lambda: editor.sees("the text is another one by now"), "the reason")
    assert editor.lines == ["import sys", *TEXT.splitlines()[1:]]


@pytest.mark.parametrize(
    ("command", "mark", "line"),
    [
        ("docstring", "items[1]", '    """The first item."""'),
        ("complete", "def later", "    return items[-1]"),
        ("generate", "Write a function", "    return a + b"),
    ],
)
def test_code_is_written_in_one_step(editor: Editor, command: str, mark: str, line: str) -> None:
    at(editor, mark)
    editor.command(f"PhiLsp {command}")
    editor.until(lambda: line in editor.lines, "the code")
    editor.keys("u")
    assert editor.lines == TEXT.splitlines()


def test_work_is_stopped(editor: Editor) -> None:
    at(editor, "items[1]")
    editor.command("PhiLsp rewrite forever")
    editor.until(lambda: editor.status()["summary"]["state"] == "thinking", "the engine at work")
    editor.command("PhiLsp cancel")
    editor.until(lambda: editor.status()["engine"]["state"] != "busy", "an idle engine")
    editor.until(lambda: "phi-lsp: stopped" in editor.screen.text, "the word")
    assert editor.lines == TEXT.splitlines()


def test_work_that_a_code_action_began_is_stopped_too(editor: Editor) -> None:
    at(editor, "items[0]")
    editor.lua("""
    local select = vim.ui.select
    vim.ui.select = function(items, _, act)
      vim.ui.select = select
      for _, item in ipairs(items) do
        if item.action.title == 'Rewrite this function' then act(item) end
      end
    end
    vim.lsp.buf.code_action()""")
    editor.until(lambda: editor.status()["engine"]["state"] == "busy", "the engine at work")
    editor.command("PhiLsp cancel")
    editor.until(lambda: editor.status()["engine"]["state"] != "busy", "an idle engine")
    editor.until(lambda: "phi-lsp: stopped" in editor.screen.text, "the word")
    assert editor.lines == TEXT.splitlines()


def test_an_answer_streams_and_its_code_is_copied_and_inserted(editor: Editor) -> None:
    editor.command("PhiLsp ask How?")
    editor.until(lambda: "Use" in editor.screen.text, "the first piece")
    assert "So it is." not in editor.screen.text
    editor.until(lambda: "So it is." in editor.screen.text, "the last piece")
    assert editor.lines[:6] == ["## How?", "", " Use it:", "", "```python", "print(1)"]
    at(editor, "print(2)")
    editor.keys("gy")
    assert editor.lua("return vim.fn.getreg('\"')") == "print(1)\nprint(2)\n"
    editor.keys("gp")
    editor.keys("q")
    assert editor.lines[:3] == ["import os", "print(1)", "print(2)"]


def test_a_question_is_about_the_text_as_it_is_now(editor: Editor) -> None:
    editor.lua("vim.api.nvim_buf_set_lines(0, 0, -1, false, {'def unheard_of():', '    return 1'})")
    editor.command("1,2PhiLsp ask Which?")
    editor.until(lambda: "It is in there." in editor.screen.text, "the answer to who sees the new text")
    editor.keys("q")


def test_a_question_follows_another_and_an_answer_is_stopped(editor: Editor) -> None:
    editor.command("PhiLsp ask How?")
    editor.until(lambda: "So it is." in editor.screen.text, "the answer")
    editor.keys("aThen?<CR>")
    editor.until(lambda: "And then" in editor.screen.text, "the next answer")
    editor.keys("aForever?<CR>")
    editor.until(lambda: "again again" in editor.screen.text, "an answer without end")
    editor.keys("<C-c>")
    editor.until(lambda: editor.lines[-2] == "*stopped*", "the word")
    editor.until(lambda: editor.status()["engine"]["state"] != "busy", "an idle engine")
    editor.keys("q")
    assert editor.lines == TEXT.splitlines()


def test_a_question_asked_in_the_window_of_the_answers_goes_on_with_them(editor: Editor) -> None:
    editor.command("PhiLsp ask How?")
    editor.until(lambda: "So it is." in editor.screen.text, "the answer")
    editor.command("PhiLsp ask Then?")
    editor.until(lambda: "And then" in editor.screen.text, "the next answer")
    at(editor, "print(2)")
    editor.keys("gp")
    editor.keys("q")
    assert editor.lines[:3] == ["import os", "print(1)", "print(2)"]


def test_a_question_about_a_file_that_is_gone_is_answered_with_the_next_step(editor: Editor) -> None:
    editor.command("PhiLsp ask How?")
    editor.until(lambda: "So it is." in editor.screen.text, "the answer")
    editor.command("bwipeout! #")
    editor.keys("aThen?<CR>")
    editor.until(lambda: editor.sees(":PhiLsp ask in another one"), "the next step")
    editor.keys("q")


def test_a_question_whose_window_was_closed_meanwhile_is_not_asked(editor: Editor) -> None:
    editor.command("PhiLsp ask How?")
    editor.until(lambda: "So it is." in editor.screen.text, "the answer")
    editor.lua("""
    local input = vim.ui.input
    vim.ui.input = function(_, act)
      vim.ui.input = input
      vim.cmd.close()
      act('Then?')
    end""")
    editor.keys("a")
    assert "E5108" not in editor.messages()
    assert editor.lines == TEXT.splitlines()


def test_an_answer_is_stopped_by_a_key_that_no_mapping_has(editor: Editor) -> None:
    editor.command("PhiLsp ask Forever?")
    editor.until(lambda: "again again" in editor.screen.text, "an answer without end")
    editor.lua("vim.api.nvim_feedkeys('\\3', 'n', false)")
    editor.until(lambda: editor.lines[-2] == "*stopped*", "the word")


def test_completions_pause_and_go_on(editor: Editor) -> None:
    editor.command("PhiLsp pause python")
    editor.until(lambda: "paused in python" in editor.status()["summary"]["message"], "the pause")
    editor.command("PhiLsp resume python")
    editor.until(lambda: "paused" not in editor.status()["summary"]["message"], "its end")


def test_a_pause_ends_by_itself(editor: Editor) -> None:
    editor.command("PhiLsp pause python 0.02")
    editor.until(lambda: "paused in python" in editor.status()["summary"]["message"], "the pause")
    editor.until(lambda: "paused" not in editor.status()["summary"]["message"], "its end")


def test_the_model_is_opened_anew_by_a_server_that_runs(editor: Editor) -> None:
    running = "return vim.lsp.get_clients({ name = 'phi_lsp' })[1].id"
    engine, server = editor.status()["engine"]["processId"], editor.lua(running)
    editor.command("PhiLsp restart")
    editor.until(lambda: editor.status()["engine"].get("processId") not in (engine, None), "another engine")
    editor.when_ready()
    assert editor.lua(running) == server


def test_the_log_is_opened(editor: Editor) -> None:
    editor.command("PhiLsp log")
    assert editor.lua("return vim.api.nvim_buf_get_name(0) == vim.lsp.log.get_filename()")


def test_the_doctor_of_the_configured_server_is_shown(editor: Editor) -> None:
    before = editor.lua("return vim.lsp.config.phi_lsp.cmd")
    editor.lua("vim.lsp.config('phi_lsp', { cmd = { 'echo', 'asked for the' } })")
    editor.command("PhiLsp doctor")
    editor.until(lambda: "asked for the doctor" in editor.screen.text, "what it says")
    editor.lua("vim.lsp.config('phi_lsp', { cmd = ... })", before)


def test_the_statusline_has_the_model_and_its_state(editor: Editor) -> None:
    editor.lua("vim.o.statusline = \"%f %{v:lua.require'phi_lsp'.statusline()}\"")
    editor.until(lambda: "phi scripted-model" in editor.screen.text, "the model")
    editor.command("PhiLsp pause")
    editor.until(lambda: "phi paused" in editor.screen.text, "the pause")
    editor.command("PhiLsp resume")
    editor.until(lambda: "phi scripted-model" in editor.screen.text, "the model again")
    editor.lua("vim.o.statusline = nil")


def test_status_and_settings_are_shown(editor: Editor) -> None:
    editor.command("PhiLsp")
    editor.until(lambda: "scripted-model is ready" in editor.screen.text, "the state")
    editor.keys("q")
    editor.command("PhiLsp settings")
    editor.until(lambda: "maxTokens" in editor.screen.text and "256" in editor.screen.text, "the settings")
    editor.keys("q")


def test_a_model_is_switched_and_a_wrong_name_is_told(editor: Editor) -> None:
    editor.command("PhiLsp model unheard-of")
    editor.until(lambda: editor.sees("there is no model `unheard-of`"), "what is wrong")
    editor.command("PhiLsp model default")
    editor.until(lambda: editor.status()["summary"]["state"] == "ready", "the model")


def test_another_model_is_in_force_now_and_for_the_next_server(editor: Editor) -> None:
    editor.lua("""
    local select = vim.ui.select
    vim.ui.select = function(models, options, act)
      vim.ui.select = select
      for _, model in ipairs(models) do
        if model.name == 'smollm2-135m-instruct' then
          vim.g.label = options.format_item(model)
          act(model)
        end
      end
    end""")
    editor.command("PhiLsp model")
    editor.until(lambda: editor.sees("smollm2-135m-instruct is to answer"), "the word")
    assert "Apache-2.0" in editor.lua("return vim.g.label")
    in_force = """
    local answer = vim.lsp.get_clients()[1]:request_sync('phi-lsp/settings', vim.empty_dict(), 60000)
    return answer.result.settings[1].value"""
    editor.until(lambda: editor.lua(in_force) == "smollm2-135m-instruct", "the setting")
    assert editor.lua("return vim.lsp.config.phi_lsp.settings['phi-lsp'].model") == "smollm2-135m-instruct"
    editor.command("PhiLsp model default")
    editor.until(lambda: editor.lua(in_force) == "default", "the setting of before")


def test_what_may_follow_is_completed(editor: Editor) -> None:
    def offered(line: str) -> list[str]:
        return list(editor.lua("return vim.fn.getcompletion(..., 'cmdline')", line))

    assert {"review", "rewrite", "ask", "model", "doctor", "log"} <= set(offered("PhiLsp "))
    assert offered("PhiLsp rev") == ["review"]
    assert offered("PhiLsp review ") == ["file"]
    assert "qwen2.5-coder-1.5b-instruct" in offered("PhiLsp model qwen")
    assert offered("PhiLsp pause ") == ["c", "cpp", "python"]


def test_an_unknown_command_is_told(editor: Editor) -> None:
    editor.command("PhiLsp rewiew")
    editor.until(lambda: editor.sees("there is no :PhiLsp rewiew"), "what is wrong")


def test_the_health_check_says_what_is_there(editor: Editor) -> None:
    editor.command("checkhealth phi_lsp")
    text = "\n".join(editor.lines)
    assert "scripted-model answers" in text
    assert "ERROR" not in text
    assert re.search(r"accept +<Tab> +\(now: phi-lsp: accept\)", text)
    editor.command("bwipeout!")


def test_code_actions_are_offered_by_neovim_itself(editor: Editor) -> None:
    editor.lua(
        "vim.ui.select = function(items) vim.g.offered = vim.tbl_map(function(i) return i.action.title end, items) end"
    )
    at(editor, "items[1]")
    editor.lua("vim.lsp.buf.code_action()")
    offered = editor.until(lambda: editor.lua("return vim.g.offered"), "the actions")
    assert {"Review this function", "Rewrite this function"} <= set(offered)
