"""What `package.json` promises is there, and stays out of others' way; no editor is needed to see that."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

import lsp_server
from lsp_server.session.actions import ACTIONS
from tests.editors.vscode.extension import SOURCE

MANIFEST: dict[str, Any] = json.loads((SOURCE / "package.json").read_text(encoding="utf-8"))
CONTRIBUTED = MANIFEST["contributes"]
LOCK = (SOURCE / "package-lock.json").read_text(encoding="utf-8")
CODE = {path.name: path.read_text(encoding="utf-8") for path in SOURCE.glob("src/**/*.ts")}
COPILOTS = {"tab", "escape", "alt+]", "alt+[", "alt+\\", "ctrl+enter", "ctrl+i", "ctrl+alt+i", "ctrl+shift+i"}
COPILOTS |= {"ctrl+shift+alt+l", "ctrl+shift+alt+i", "ctrl+alt+.", "ctrl+alt+,", "ctrl+/", "ctrl+shift+a"}


def commands() -> set[str]:
    return {row["command"].removeprefix("phi-lsp.") for row in CONTRIBUTED["commands"]}


def test_the_extension_is_released_with_the_server():
    assert MANIFEST["version"] == lsp_server.__version__


def test_every_command_is_implemented_and_every_one_that_is_has_a_title():
    registered = {name for file in ("actions.ts", "commands.ts") for name in _registered(CODE[file])}
    assert commands() == registered


def _registered(code: str) -> list[str]:
    rows = r"command: '(\w+)'|^    (?:async )?(\w+)(?:: (?:async )?\(\)|,$)"
    return [one or other for one, other in re.findall(rows, code, re.MULTILINE)]


def test_no_command_has_the_name_of_one_of_the_servers():
    assert not commands() & {row.name for row in ACTIONS}, "the client registers the server's by itself"


def test_every_action_of_the_server_is_a_command():
    done = set(re.findall(r"action: '(\w+)'", CODE["actions.ts"]))
    done |= {name for code in CODE.values() for name in re.findall(r"execute\('(\w+)'", code)}
    # Restarting the model alone is what restarting the server does too.
    assert {row.name for row in ACTIONS} - done == {"restart"}


@pytest.mark.parametrize("binding", CONTRIBUTED["keybindings"], ids=lambda row: row["command"])
def test_keys_are_none_of_copilots_and_their_commands_exist(binding: dict[str, str]):
    assert binding["key"].split()[0] not in COPILOTS
    assert binding["command"].startswith("editor.") or binding["command"].removeprefix("phi-lsp.") in commands()


@pytest.mark.parametrize("binding", CONTRIBUTED["keybindings"], ids=lambda row: row["command"])
def test_keys_for_code_are_left_alone_in_other_languages(binding: dict[str, str]):
    if binding["command"] not in ("phi-lsp.ask", "phi-lsp.showMenu"):
        assert "editorLangId =~ /^(python|cpp|c)$/" in binding["when"]


def test_what_menus_and_the_guide_offer_exists():
    places = json.dumps([CONTRIBUTED["menus"], CONTRIBUTED["walkthroughs"]])
    offered = set(re.findall(r"phi-lsp\.(\w+)", places)) - {"context", "ask"}
    assert offered <= commands()
    menu = set(re.findall(r"command: '(\w+)'", CODE["menu.ts"]))
    assert menu
    assert menu <= commands()


def test_the_pictures_are_there():
    text = json.dumps(MANIFEST) + (SOURCE / "README.md").read_text(encoding="utf-8")
    pictures = set(re.findall(r"media/[\w-]+\.(?:png|svg)", text))
    assert pictures
    for picture in pictures:
        assert 0 < (SOURCE / picture).stat().st_size < 500_000, picture


def test_what_decides_which_program_and_model_runs_and_what_is_read_is_not_for_untrusted_folders():
    restricted = set(MANIFEST["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"])
    known = {name for part in CONTRIBUTED["configuration"] for name in part["properties"]}
    assert restricted <= known
    assert {
        name for name in known if re.search(r"path|installFrom|model|remote|lora|Download|offline|exclude$", name)
    } - restricted <= {"phi-lsp.remoteSeconds"}


def test_dependencies_are_exact_and_locked_without_an_address():
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in MANIFEST["devDependencies"].values())
    assert "dependencies" not in MANIFEST
    assert '"resolved"' not in LOCK
