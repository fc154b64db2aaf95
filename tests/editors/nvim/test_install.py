"""The ways of installing that the help names, and the help itself."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import textwrap
from pathlib import Path

import pytest

from tests.editors.nvim.conftest import Start, installed
from tests.editors.nvim.editor import PLUGIN, REPOSITORY

HELP = (PLUGIN / "doc" / "phi-lsp.txt").read_text(encoding="utf-8")
SAYS = (
    "+lua local own = vim.lsp.config.phi_lsp or { filetypes = {} } vim.cmd.help('phi-lsp') "
    "print(vim.fn.exists(':PhiLsp'), vim.lsp.is_enabled('phi_lsp'), own.filetypes[1], vim.fn.expand('%:t'))"
)
INSTALLED = "2 true python phi-lsp.txt"


def snippet(way: str) -> str:
    """The code that the help has for a way of installing."""
    found = re.search(rf"^{re.escape(way)}[^\n]* >lua\n\n(.*?)\n<$", HELP, re.MULTILINE | re.DOTALL)
    assert found, way
    return found[1]


@pytest.mark.parametrize("way", ["By hand, in init.lua", "With Neovim's own", "With lazy.nvim"])
def test_the_readme_says_the_same(way: str) -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    code = textwrap.dedent(snippet(way)).replace("FOLDER", "/path/to/phi-lsp")
    assert code.replace("ADDRESS", "ADDRESS OF THIS REPOSITORY") in readme


def said(neovim: Path, folder: Path, init: str, *more: str) -> str:
    """What a Neovim with that configuration says, and says of the plugin."""
    (folder / "init.lua").write_text(init)
    command = [neovim, "--clean", "-u", folder / "init.lua", "--headless", *more, SAYS, "+qall!"]
    places = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    environment = {**places, "PATH": "/usr/bin:/bin", "HOME": str(folder)}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True, env=environment).stderr


def test_by_hand(neovim: Path, tmp_path: Path) -> None:
    init = snippet("By hand, in init.lua").replace("FOLDER", str(REPOSITORY))
    assert INSTALLED in said(neovim, tmp_path, init)


def test_with_the_plugin_manager_of_neovim(tmp_path: Path) -> None:
    repository = tmp_path / "phi-lsp"
    shutil.copytree(PLUGIN, repository / "editors" / "nvim")
    git = ["git", "-C", repository, "-c", "user.name=a", "-c", "user.email=a@b"]
    for step in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "all"]):
        subprocess.run([*git, *step], check=True)
    unasked = """
    local add = vim.pack.add
    vim.pack.add = function(specs, options) add(specs, vim.tbl_extend('error', options, { confirm = false })) end
    """
    init = snippet("With Neovim's own").replace("ADDRESS", f"file://{repository}")
    assert INSTALLED in said(installed("0.12"), tmp_path, unasked + init)


def test_as_lazy_nvim_does_it(neovim: Path, tmp_path: Path) -> None:
    init = f"""
    vim.go.loadplugins = false
    local plugin = {snippet("With lazy.nvim")}
    assert(plugin.lazy == false and plugin.url == 'ADDRESS')
    plugin.dir = {json.dumps(str(REPOSITORY))}
    plugin.config(plugin)
    """
    assert INSTALLED in said(neovim, tmp_path, init)


def test_the_tags_of_the_help_are_those_of_its_text(neovim: Path, tmp_path: Path) -> None:
    shutil.copy(PLUGIN / "doc" / "phi-lsp.txt", tmp_path)
    said(neovim, tmp_path, "", f"+helptags {tmp_path}")
    new = (tmp_path / "tags").read_text(encoding="utf-8")
    old = (PLUGIN / "doc" / "tags").read_text(encoding="utf-8")
    assert old == new, "run `nvim --headless '+helptags editors/nvim/doc' +qall`"


def test_no_setting_is_sent_that_nobody_made(neovim: Path, tmp_path: Path) -> None:
    init = snippet("By hand, in init.lua").replace("FOLDER", str(REPOSITORY))
    sent = "+lua print(vim.json.encode(vim.lsp.config.phi_lsp.settings))"
    assert '{"phi-lsp":{}}' in said(neovim, tmp_path, init, sent)


def test_the_help_has_every_command_key_and_function(start: Start) -> None:
    editor = start()
    named = set(re.findall(r"^:(?:\[range\])?PhiLsp \[?(\w+)", HELP, re.MULTILINE))
    assert named == set(editor.lua("return vim.tbl_keys(require('phi_lsp.commands').ROWS)"))
    for key in editor.lua("return vim.tbl_values(require('phi_lsp.keys').DEFAULTS)"):
        assert re.search(rf"^    {re.escape(key)} ", HELP, re.MULTILINE)
    for function in re.findall(r"require\('phi_lsp'\)\.(\w+)", HELP):
        assert editor.lua("return type(require('phi_lsp')[...])", function) == "function"


def test_references_of_the_help_are_there(tmp_path: Path) -> None:
    own = set(re.findall(r"\*(\S+)\*", HELP))
    asked = sorted({name for name in re.findall(r"\|([^|\s]+)\|", HELP) if name not in own})
    assert asked
    init = f"""
    for _, name in ipairs(vim.json.decode([[{json.dumps(asked)}]])) do
      if #vim.fn.getcompletion(name, 'help') == 0 then print('missing: ' .. name) end
    end
    """
    assert "missing" not in said(installed("0.12"), tmp_path, init)


@pytest.mark.parametrize("file", sorted(PLUGIN.rglob("*.lua")), ids=lambda file: file.name)
def test_files_are_small_and_say_what_they_are_for(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 300
    if file.parent.name == "phi_lsp":
        assert text.startswith("--- ")
