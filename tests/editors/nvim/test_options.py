"""What a user's configuration changes."""

from __future__ import annotations

import pytest

from tests.editors.nvim.conftest import Start
from tests.editors.nvim.editor import Editor
from tests.server.conftest import scripted

ANSWER = scripted("1 + 1\nprint(x)", when="x = ")


def mapped(editor: Editor, name: str) -> bool:
    """Whether the key that does this by default is mapped in the current buffer."""
    key = "require('phi_lsp.keys').DEFAULTS[...]"
    return bool(editor.lua(f"return vim.fn.maparg({key}, 'i', false, true).buffer == 1", name))


def test_other_keys_do_it_and_those_of_before_are_free(start: Start) -> None:
    keys = "{ accept = '<C-y>', trigger = false }"
    editor = start(ANSWER, more=f"require('phi_lsp').setup({{ keys = {keys} }})")
    editor.open("a.py")
    editor.type("x = ")
    editor.wait_for_ghost("1 + 1")
    assert not mapped(editor, "trigger")
    assert mapped(editor, "dismiss")
    editor.keys("<C-y>")
    editor.until(lambda: editor.lines == ["x = 1 + 1", "print(x)"], "all of it")
    editor.keys("<Tab>")
    assert editor.lines == ["x = 1 + 1", "print(x)    "]


@pytest.mark.parametrize("keys", ["<C-x><C-o>", "<Cmd>lua vim.lsp.completion.get()<CR>"])
def test_without_ghost_text_nothing_is_asked_for_and_the_popup_has_the_suggestion(start: Start, keys: str) -> None:
    more = """
    require('phi_lsp').setup({ ghost_text = false })
    vim.o.completeopt = 'menuone,noselect'
    vim.api.nvim_create_autocmd('LspAttach', { callback = function(attached)
      vim.lsp.completion.enable(true, attached.data.client_id, attached.buf)
    end })
    """
    editor = start(ANSWER, more=more, settings={"popupMilliseconds": 5000})
    editor.open("a.py")
    editor.type("x = ")
    assert editor.status()["lastRequest"] == {}
    assert not mapped(editor, "accept")
    editor.keys(keys)
    editor.until(lambda: editor.lua("return vim.fn.pumvisible() == 1"), "the menu")
    editor.keys("<C-n><C-y>")
    editor.until(lambda: editor.lines == ["x = 1 + 1", "print(x)"], "the suggestion")


def test_without_a_command_line_no_message_waits_for_a_key(start: Start) -> None:
    editor = start(ANSWER, more="vim.o.cmdheight = 0", present=False, pull_delay=0.1)
    editor.open("a.py", ready=False, insert=False)
    editor.command("PhiLsp download")
    editor.until(lambda: "Downloading scripted-model" in editor.screen.text, "the progress")
    editor.when_ready()
    editor.command("PhiLsp fix")
    # What is drawn next takes the place of a message, so that it may be too late to see it.
    editor.until(lambda: ":PhiLsp review looks for some" in editor.messages(), "what to do")
    editor.keys("i")
    editor.type("x = ")
    editor.wait_for_ghost("1 + 1")
