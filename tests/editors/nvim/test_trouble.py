"""When something breaks, the next step is on the screen while somebody types, and typing goes on."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest

from tests.editors.nvim.conftest import Start
from tests.editors.nvim.editor import PATIENCE_SECONDS, REPOSITORY, Editor, configuration
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
    types_on(editor, "was killed (SIGKILL)", "choose a smaller model", "it is started again for the next request")
    editor.type("\ny = ")
    editor.wait_for_ghost("1 + 1")


def servers(editor: Editor) -> list[psutil.Process]:
    children = psutil.Process(editor.process.pid).children(recursive=True)
    return [child for child in children if "scripted_server" in " ".join(child.cmdline())]


def kill_server(editor: Editor) -> None:
    servers(editor)[0].kill()


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


def test_two_servers_that_end_together_are_there_again_and_other_messages_are_shown_as_before(start: Start) -> None:
    editor = start(ANSWER)
    notify = "local of = debug.getinfo(vim.notify, 'S') return of.source .. of.linedefined"
    before = editor.lua(notify)
    for root in ("one", "other"):
        (editor.folder / root).mkdir()
        (editor.folder / root / "pyproject.toml").touch()
        editor.open(f"{root}/a.py", insert=False)
    running = "return vim.tbl_map(function(client) return client.id end, vim.lsp.get_clients())"
    ids = editor.lua(running)
    # Neovim sees both ends in one turn of its loop, for it sleeps meanwhile.
    pids = [process.pid for process in servers(editor)]
    editor.lua("for _, pid in ipairs(...) do vim.uv.kill(pid, 9) end vim.uv.sleep(500)", pids)
    editor.until(lambda: len(new := editor.lua(running)) == 2 and not set(new) & set(ids), "both servers anew")
    assert editor.lua(notify) == before


@pytest.mark.parametrize(
    "end",
    [
        "vim.lsp.get_clients()[1]:stop(true)",
        "vim.lsp.enable('phi_lsp', false) vim.uv.kill(..., 9)",
    ],
)
def test_a_server_that_was_ended_on_purpose_is_not_started_again(start: Start, end: str) -> None:
    editor = start(ANSWER)
    editor.open("a.py", insert=False)
    process = servers(editor)[0]
    editor.lua(end, process.pid)
    process.wait(PATIENCE_SECONDS)
    editor.until(lambda: editor.lua("return #vim.lsp.get_clients()") == 0, "no server")
    # The turns of the loop in which it would come back.
    editor.lua("vim.wait(200, function() return false end)")
    assert servers(editor) == []


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
    assert "Downloading scripted-model" in editor.lua("return vim.lsp.status()")
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
    types_on(editor, "scripted-model is not downloaded", "123 MB, licence Apache-2.0", "Yes: :PhiLsp download")


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
        health = "\n".join(editor.lines)
        assert "no-such-phi-lsp cannot be run" in health
        assert f"~/.phi-lsp/bin/pip install {REPOSITORY}\n" in health
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
