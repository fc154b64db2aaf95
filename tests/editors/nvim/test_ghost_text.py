"""Ghost text to the frame: what stays on the screen while somebody types, and what leaves it.

The scripted engine says when an answer comes; the screen is that of an attached user interface.
"""

from __future__ import annotations

import pytest

from tests.editors.nvim.conftest import Start
from tests.editors.nvim.editor import Editor
from tests.server.conftest import endless, scripted

SUM = scripted("alpha + beta\nprint(total)\nprint(alpha)", when="total = ")
SHOWN = ("total = alpha + beta", "print(total)", "print(alpha)")


def shown_at(editor: Editor, first: int) -> list[str]:
    """The frames from number ``first`` on in which the suggestion is not whole, whoever wrote its beginning."""
    return [frame for frame in editor.screen.since(first) if tuple(frame.splitlines()[:3]) != SHOWN]


@pytest.fixture(scope="module")
def shared(start_shared: Start) -> Editor:
    return start_shared(SUM, scripted(when="silent"), endless())


@pytest.fixture
def editor(shared: Editor) -> Editor:
    """The ghost text of `SUM` is shown."""
    shared.open_new("py")
    shared.type("total = ")
    shared.wait_for_ghost("alpha + beta\nprint(total)")
    return shared


def test_typing_along_keeps_the_rest_in_every_frame_and_asks_for_nothing(editor: Editor) -> None:
    editor.settle()
    first, before = len(editor.screen.frames) - 1, editor.status()["lastRequest"]
    editor.type("alpha + ")
    assert len(editor.screen.since(first)) > 8
    assert shown_at(editor, first) == []
    assert editor.ghost() == "beta\nprint(total)\nprint(alpha)"
    editor.type("beta\nprint(to")
    assert shown_at(editor, first) == []
    assert editor.ghost() == "tal)\nprint(alpha)"
    # Longer than typing must pause before an answer is asked for.
    assert editor.lua("return vim.wait(400, function() return false end)") is False
    assert editor.status()["lastRequest"] == before


def test_typing_something_else_takes_it_away_with_the_same_frame(editor: Editor) -> None:
    editor.settle()
    first = len(editor.screen.frames)
    editor.type("x")
    with_key = [frame for frame in editor.screen.since(first) if frame.startswith("total = x")]
    assert with_key
    assert not [frame for frame in with_key if "beta" in frame or "print" in frame]
    assert editor.ghost() == ""


def test_words_lines_and_the_rest_are_accepted_one_after_the_other(editor: Editor) -> None:
    editor.settle()
    first = len(editor.screen.frames) - 1
    editor.keys("<M-Right>")
    editor.until(lambda: editor.lines == ["total = alpha"], "the first word")
    editor.keys("<M-Right>")
    editor.until(lambda: editor.lines == ["total = alpha +"], "the second")
    editor.keys("<M-Down>")
    editor.until(lambda: editor.lines == ["total = alpha + beta"], "the line")
    editor.keys("<M-Down>")
    editor.until(lambda: editor.lines == ["total = alpha + beta", "print(total)"], "the next line")
    editor.settle()
    assert shown_at(editor, first) == []
    editor.keys("<Tab>")
    editor.until(lambda: editor.lines == list(SHOWN), "all of it")


def test_one_undo_takes_back_what_was_accepted_and_nothing_else(editor: Editor) -> None:
    editor.keys("<Tab>")
    editor.until(lambda: editor.lines == list(SHOWN), "all of it")
    editor.type("  # more")
    editor.keys("<Esc>u")
    assert editor.lines == list(SHOWN)
    editor.keys("u")
    assert editor.lines == ["total = "]
    editor.keys("<C-r>")
    assert editor.lines == list(SHOWN)


def test_it_is_neovims_own_where_neovim_has_it(editor: Editor) -> None:
    own = editor.lua("return vim.fn.has('nvim-0.12') == 1")
    assert editor.lua("return require('phi_lsp.builtin').here()") == own


def test_neovims_own_function_accepts_what_is_left(editor: Editor) -> None:
    if not editor.lua("return vim.lsp.inline_completion ~= nil"):
        pytest.skip("this Neovim has none")
    editor.type("alpha")
    assert editor.lua("return vim.lsp.inline_completion.get()")
    editor.until(lambda: editor.lines == list(SHOWN), "all of it")


def test_escape_takes_it_away(editor: Editor) -> None:
    editor.keys("<Esc>")
    assert editor.ghost() == ""
    assert "beta" not in editor.screen.text


def test_a_dismissed_suggestion_comes_back_by_hand_only(editor: Editor) -> None:
    editor.keys("<C-]>")
    assert editor.ghost() == ""
    editor.lua("vim.wait(400, function() return false end)")
    assert editor.ghost() == ""
    editor.keys("<M-\\>")
    editor.wait_for_ghost("alpha + beta")
    assert editor.lines == ["total = "]


def test_asking_by_hand_says_on_the_screen_why_nothing_comes(shared: Editor) -> None:
    shared.open_new("py")
    shared.type("silent = ")
    shared.keys("<M-\\>")
    shared.until(lambda: "nothing to show: the script is silent" in shared.screen.text, "the reason")
    shared.type("1")
    assert shared.lines == ["silent = 1"]


def test_keys_do_what_they_did_where_nothing_is_shown(shared: Editor) -> None:
    shared.open_new("py")
    shared.lua("vim.bo.expandtab = false")
    shared.keys("a<Tab>b")
    shared.until(lambda: shared.lines == ["a\tb"], "a tab")


@pytest.mark.parametrize(
    ("mapping", "text"),
    [
        ("inoremap <M-n> <Home>", "cab"),
        ("inoremap <F5> <Home>|imap <M-n> <F5>", "cab"),
        ("lua vim.keymap.set('i', '<M-n>', function() vim.api.nvim_input('x') end)", "abcx"),
        ("lua vim.keymap.set('i', '<M-n>', function() end, { expr = true })", "abc"),
        ("lua vim.keymap.set('i', '<M-n>', function() return '<Home>' end, { expr = true })", "cab"),
        (r'inoremap <expr> <M-n> "\<Home>"', "cab"),
        (r'inoremap <expr> <M-n> "\<lt>Home> à"', "ab<Home> àc"),
    ],
)
def test_a_mapping_of_before_is_there_where_nothing_is_shown(shared: Editor, mapping: str, text: str) -> None:
    shared.command(mapping)
    shared.open_new("py")
    shared.keys("ab<M-n>c")
    shared.until(lambda: shared.lines == [text], text)
    assert "E5108" not in shared.messages()
    shared.command("iunmap <M-n>")


def test_an_answer_that_fits_leaves_nothing_to_ask_for(shared: Editor) -> None:
    shared.open_new("py")
    shared.type("silent = ")
    shared.until(lambda: shared.status()["lastRequest"]["reason"] == "the script is silent", "the answer")
    asked = shared.lua("""
    local buf, asked = vim.api.nvim_get_current_buf(), 0
    vim.api.nvim_create_autocmd('LspRequest', { buffer = buf, callback = function(event)
      asked = asked + (event.data.request.method == 'textDocument/inlineCompletion' and 1 or 0)
    end })
    local completor = require('phi_lsp.builtin').of(buf) or require('phi_lsp.completor').of(buf)
    completor:automatic_request()
    completor:handler(nil, { items = { { insertText = '1' } } }, { client_id = vim.lsp.get_clients()[1].id })
    vim.wait(400, function() return asked > 0 end)
    return asked""")
    assert shared.ghost() == "1"
    assert asked == 0


def shown_beside(editor: Editor) -> None:
    """The lines below the first one stand beside a menu of these words."""
    editor.until(lambda: "although" in editor.screen.text, "the menu")
    editor.until(lambda: editor.screen.text.count("print") == 2, "the lines beside it")
    first, second, third = editor.screen.text.splitlines()[:3]
    assert first == SHOWN[0]
    assert second.split()[-2:] == ["alpha", SHOWN[1]]
    assert third.split()[-2:] == ["although", SHOWN[2]]


def shown_below(editor: Editor) -> None:
    editor.until(lambda: tuple(editor.screen.text.splitlines()[:3]) == SHOWN, "the lines below, now that there is room")


def test_ghost_text_is_not_covered_by_the_popup_menu(editor: Editor) -> None:
    editor.type("al")
    editor.lua("vim.o.completeopt = 'menuone,noinsert,noselect'")
    editor.lua("vim.fn.complete(9, {'alpha', 'although'})")
    shown_beside(editor)
    editor.keys("<C-e>")
    shown_below(editor)
    editor.keys("<Tab>")
    editor.until(lambda: editor.lines == list(SHOWN), "all of it")


@pytest.mark.parametrize(
    ("filetype", "opened", "closed"),
    [
        ("blink-cmp-menu", "<Cmd>doautocmd User BlinkCmpMenuOpen<CR>", "<Cmd>doautocmd User BlinkCmpMenuClose<CR>"),
        ("cmp_menu", "p", "h"),
    ],
)
def test_ghost_text_is_not_covered_by_a_menu_that_a_plugin_draws(
    editor: Editor, filetype: str, opened: str, closed: str
) -> None:
    editor.type("al")
    editor.lua(
        """
        local buf = vim.api.nvim_create_buf(false, true)
        vim.bo[buf].filetype = ...
        vim.api.nvim_buf_set_lines(buf, 0, -1, false, { 'alpha', 'although' })
        local place = { relative = 'cursor', row = 1, col = 0, width = 10, height = 2, noautocmd = true }
        vim.g.menu = vim.api.nvim_open_win(buf, false, place)""",
        filetype,
    )
    editor.keys(opened)
    shown_beside(editor)
    editor.lua("vim.api.nvim_win_close(vim.g.menu, true)")
    editor.keys(closed)
    shown_below(editor)
