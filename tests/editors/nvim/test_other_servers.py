"""Other servers at the same buffer: each does its part, and Neovim's inline completion has the suggestions of all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.editors.nvim.conftest import Start, installed, starting
from tests.editors.nvim.editor import Editor
from tests.editors.nvim.other_server import COMMAND, other
from tests.server.conftest import endless, scripted

INLINE = "textDocument/inlineCompletion"
HOVER = {"textDocument/hover": {"contents": "the other says so"}}
ANSWER = scripted("1 + 1", when="x = ")


@pytest.fixture
def start_with_inline(tmp_path: Path) -> Iterator[Start]:
    """Starts the Neovim that asks all servers for inline completions."""
    with starting(installed("0.12"), tmp_path) as begin:
        yield begin


def opened(start: Start, *scripts: dict[str, Any], more: str) -> Editor:
    """An empty file that both servers serve."""
    editor = start(*scripts, more=more)
    editor.open("a.py")
    both_attached(editor)
    return editor


def both_attached(editor: Editor) -> None:
    editor.until(lambda: editor.lua("return #vim.lsp.get_clients({bufnr=0})") == 2, "both servers")


@pytest.mark.parametrize("more", ["{}", "vim.lsp.enable('phi_lsp', false) {} vim.lsp.enable('phi_lsp')"])
def test_another_server_is_not_disturbed_whichever_comes_first(start: Start, more: str) -> None:
    editor = opened(start, ANSWER, more=more.format(other(HOVER)))
    editor.type("x = ")
    editor.wait_for_ghost("1 + 1")
    editor.keys("<Tab>")
    editor.until(lambda: editor.lines == ["x = 1 + 1"], "all of it")
    editor.keys("<Esc>")
    editor.lua("vim.lsp.buf.hover()")
    editor.until(lambda: "the other says so" in editor.screen.text, "its hover")


def test_a_template_of_another_server_is_expanded_and_its_command_is_run(start_with_inline: Start) -> None:
    template = {"kind": "snippet", "value": "call(${1:first}, $2)"}
    item = {"insertText": template, "command": {"title": "", "command": COMMAND}}
    editor = opened(start_with_inline, scripted(), more=other({INLINE: [item]}))
    editor.type("x = ")
    editor.until(lambda: editor.ghost() == "call(first, )", "the template")
    editor.type("ca")
    assert editor.ghost() == "ll(first, )"
    editor.keys("<Tab>")
    editor.until(lambda: editor.lines == ["x = call(first, )"], "the template")
    editor.type("a")
    assert editor.lines == ["x = call(a, )"]
    assert editor.lua("return _G.asked")[-1] == "workspace/executeCommand"


def test_who_asks_by_hand_is_told_by_ours_why_nothing_comes(start_with_inline: Start) -> None:
    editor = opened(start_with_inline, scripted(when="x = "), more=other({INLINE: []}))
    editor.type("x = ")
    editor.keys("<M-\\>")
    editor.until(lambda: "nothing to show: the script is silent" in editor.screen.text, "the reason")
    assert "phi-lsp/status" not in editor.lua("return _G.asked")


def test_what_one_server_answered_before_does_not_hide_what_another_answers_now(start_with_inline: Start) -> None:
    editor = start_with_inline(endless(when="y = "), ANSWER)
    editor.open("a.py")
    # The later one, whose items come after those of the first.
    editor.lua(other({INLINE: [{"insertText": "2 + 2"}]}))
    both_attached(editor)
    editor.type("x = ")
    editor.wait_for_ghost("1 + 1")
    editor.keys("<M-n>")
    editor.wait_for_ghost("2 + 2")
    editor.keys("<C-]>")
    editor.type("\ny = ")
    editor.wait_for_ghost("2 + 2")
