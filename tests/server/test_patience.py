"""Editors that take no key while they wait for an answer get it at once, and hear of what comes of it later."""

from __future__ import annotations

import pytest

from tests.server.asking import FOUND, FULL, TEXT, actions, at, begun, called, published, said
from tests.server.conftest import Start, scripted

EMACS = ["Eglot", "emacs"]


@pytest.mark.parametrize("name", [*EMACS, "helix"])
def test_their_actions_are_commands_and_nothing_is_left_to_resolve(start: Start, name: str) -> None:
    client = begun(start, can=FULL, clientInfo={"name": name})
    offered = actions(client, "items[1]")
    assert offered
    assert all("command" in action and "data" not in action for action in offered)


@pytest.mark.parametrize("name", EMACS)
def test_a_command_is_answered_before_it_is_done(start: Start, name: str) -> None:
    slow = scripted("return 1", when="rewrite ", prompt_delay=1)
    edits: list[object] = []
    answers = {"workspace/applyEdit": lambda edit: edits.append(edit) or {"applied": True}}
    client = begun(start, slow, answers=answers, clientInfo={"name": name})
    assert called(client, "rewrite", at("items[1]")) == {"reason": ""}
    assert edits == []
    assert said(client) == "phi-lsp: rewrite: as scripted"
    assert len(edits) == 1


def test_what_such_a_command_finds_is_published(start: Start) -> None:
    client = begun(start, FOUND, clientInfo={"name": "Eglot"})
    called(client, "review", at("items[1]"))
    assert [found["code"] for found in published(client)["diagnostics"]] == ["wrong-condition"]


def test_why_such_a_command_came_to_nothing_is_told(start: Start) -> None:
    client = begun(start, scripted(when="rewrite "), clientInfo={"name": "Eglot"})
    assert called(client, "rewrite", at("items[1]")) == {"reason": ""}
    assert said(client) == "phi-lsp: the script is silent"


def test_what_is_wrong_with_the_first_settings_is_told_once_the_editor_listens(start: Start) -> None:
    client = start()
    params = {"processId": None, "rootUri": None, "capabilities": {}, "initializationOptions": {"maxTokens": 0}}
    client.call("initialize", params)
    client.status()
    assert client.taken_all("window/showMessage") == []
    client.notify("initialized", {})
    assert "maxTokens" in said(client)


def test_a_fix_is_offered_anywhere_in_the_line_of_its_finding(start: Start) -> None:
    client = begun(start, FOUND)
    called(client, "review", at("items[1]"))
    published(client)
    line_start = "    if items == None"
    assert TEXT.index(line_start) < TEXT.index("items ==")
    assert "Apply fix: Write items is None" in [action["title"] for action in actions(client, line_start)]
    assert not [action for action in actions(client, "    return 3") if action["title"].startswith("Apply fix")]


def test_such_a_command_ends_with_the_server_and_says_nothing(start: Start) -> None:
    client = begun(start, scripted(" too late", when="rewrite ", prompt_delay=30), clientInfo={"name": "Eglot"})
    assert called(client, "rewrite", at("items[1]")) == {"reason": ""}
    client.close()  # which finds whatever was said and not read
