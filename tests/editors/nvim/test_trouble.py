"""When something breaks, the next step is on the screen while somebody types, and typing goes on."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest

from tests.editors.nvim.conftest import Start
from tests.editors.nvim.editor import Editor, configuration
from tests.server.conftest import endless, scripted

ANSWER = scripted("1 + 1", when="= ")


def types_on(editor: Editor, *told: str) -> None:
    """All of that is seen, while keys still arrive."""
    for text in told:
        editor.until(lambda text=text: editor.sees(text), text)
    before = editor.lines[-1]
    editor.type("abc")
    assert editor.lines[-1] == f"{before}abc"


def test_a_killed_engine_is_told_and_the_next_answer_comes(start: Start) -> None:
    editor = start(scripted("1 + 1", when="y = "), endless(when="x = "))
    editor.open("a.py")
    editor.type("x = ")
    editor.until(lambda: editor.status()["engine"]["state"] == "busy", "the engine at work")
    os.kill(editor.status()["engine"]["processId"], signal.SIGKILL)
    types_on(editor, "phi-lsp:")
    editor.type("\ny = ")
    editor.wait_for_ghost("1 + 1")


def kill_server(editor: Editor) -> None:
    children = psutil.Process(editor.process.pid).children(recursive=True)
    next(child for child in children if "scripted_server" in " ".join(child.cmdline())).kill()


def test_a_killed_server_is_told_and_is_there_again(start: Start) -> None:
    editor = start(ANSWER)
    editor.open("a.py")
    editor.type("x = ")
    editor.wait_for_ghost("1 + 1")
    kill_server(editor)
    types_on(editor, "the server ended (signal 9) and was started again", ":PhiLsp log")
    assert editor.ghost() == ""
    editor.when_ready()
    editor.type("\ny = ")
    editor.wait_for_ghost("1 + 1")


def test_a_server_that_ends_again_and_again_is_left_alone(start: Start) -> None:
    editor = start(ANSWER)
    editor.open("a.py")
    for number in (1, 2, 3):
        kill_server(editor)
        told = "return #require('phi_lsp.message').told"
        editor.until(lambda number=number, told=told: editor.lua(told) == number, "the word")
        editor.until(lambda: editor.lua("return #vim.lsp.get_clients()") == 1, "the server again")
        editor.when_ready()
    kill_server(editor)
    types_on(editor, "again and again", ":PhiLsp restart")
    assert editor.lua("return #vim.lsp.get_clients()") == 0


def test_a_missing_model_is_told_with_its_size_and_a_command_brings_it(start: Start) -> None:
    editor = start(ANSWER, present=False, pull_delay=0.2)
    editor.open("a.py", ready=False)
    types_on(editor, "not downloaded", "123 MB", "Apache-2.0", ":PhiLsp download")
    editor.keys("<Esc>")
    editor.command("PhiLsp download")
    editor.until(lambda: "%" in editor.lua("return require('phi_lsp').statusline()"), "the percentage")
    editor.until(lambda: "Downloading scripted-model" in editor.screen.text, "the progress")
    editor.until(lambda: editor.lua("return require('phi_lsp').statusline()") == "phi scripted-model", "the model")
    editor.keys("o")
    editor.type("y = ")
    editor.wait_for_ghost("1 + 1")


def test_what_is_typed_before_the_model_is_there_is_answered_once_it_is(start: Start) -> None:
    editor = start(ANSWER, open_delay=2.0)
    editor.open("a.py", ready=False)
    editor.type("x = ")
    assert editor.ghost() == ""
    editor.wait_for_ghost("1 + 1")


def test_a_deleted_model_file_is_told_when_it_is_needed(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.touch()
    editor = start(ANSWER, file=str(file))
    editor.open("a.py")
    editor.when_ready()
    file.unlink()
    os.kill(editor.status()["engine"]["processId"], signal.SIGKILL)
    editor.type("x = ")
    types_on(editor, "phi-lsp:", "PhiLsp")


def test_a_wrong_setting_is_told_with_what_to_write(start: Start) -> None:
    editor = start(ANSWER, settings={"maxTokens": "many"})
    editor.open("a.py")
    types_on(editor, "maxTokens", "a whole number from 1 to 4096")
    editor.type("\ny = ")
    editor.wait_for_ghost("1 + 1")


def test_a_server_that_cannot_be_run_is_told(start: Start, neovim: Path, tmp_path: Path) -> None:
    editor = Editor(neovim, tmp_path / "none", configuration(("no-such-phi-lsp",), {}))
    try:
        (tmp_path / "a.py").write_text("")
        editor.command(f"edit {tmp_path / 'a.py'}")
        editor.until(lambda: editor.sees("no-such-phi-lsp cannot be run"), "what is wrong")
        editor.command("checkhealth phi_lsp")
        assert "no-such-phi-lsp cannot be run" in "\n".join(editor.lines)
    finally:
        editor.close()


def test_two_editors_on_one_machine_do_not_mind_each_other(start: Start) -> None:
    one, other = start(ANSWER, name="one"), start(ANSWER, name="other")
    for editor in (one, other):
        editor.open("a.py")
    for editor in (one, other):
        editor.type("x = ")
    for editor in (one, other):
        editor.wait_for_ghost("1 + 1")
        editor.keys("<Tab>")
        editor.until(lambda editor=editor: editor.lines == ["x = 1 + 1"], "all of it")


@pytest.mark.parametrize("where", ["beside it", "before it"])
def test_another_server_at_the_same_buffer_is_not_disturbed(start: Start, where: str) -> None:
    other = """
    vim.lsp.config('other', { filetypes = { 'python' }, cmd = function(dispatchers)
      local capabilities = { hoverProvider = true, inlineCompletionProvider = true }
      local function answer(method)
        if method == 'initialize' then return { capabilities = capabilities } end
        if method == 'textDocument/hover' then return { contents = 'the other says so' } end
      end
      local asked, closing = 0, false
      return {
        request = function(method, _, act)
          asked = asked + 1
          vim.schedule(function() act(nil, answer(method)) end)
          return true, asked
        end,
        notify = function(method)
          closing = closing or method == 'exit'
          if method == 'exit' then dispatchers.on_exit(0, 0) end
          return true
        end,
        is_closing = function() return closing end,
        terminate = function() closing = true end,
      }
    end })
    vim.lsp.enable('other')
    """
    editor = start(
        ANSWER,
        more=other if where == "beside it" else f"vim.lsp.enable('phi_lsp', false) {other} vim.lsp.enable('phi_lsp')",
    )
    editor.open("a.py")
    editor.until(lambda: editor.lua("return #vim.lsp.get_clients({bufnr=0})") == 2, "both servers")
    editor.type("x = ")
    editor.wait_for_ghost("1 + 1")
    editor.keys("<Tab>")
    editor.until(lambda: editor.lines == ["x = 1 + 1"], "all of it")
    editor.keys("<Esc>")
    editor.lua("vim.lsp.buf.hover()")
    editor.until(lambda: "the other says so" in editor.screen.text, "its hover")
