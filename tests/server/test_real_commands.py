"""Commands the whole way: the real pipelines with the smallest real model, for it is the plumbing that is tested."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.asking import FULL, NOTED, actions, at, called, published, run, said
from tests.server.client import Client
from tests.server.conftest import URI

TEXT = '''\
def double(number):
    """Twice the number.

    >>> double(2)
    4
    """
    return number + 3


def half(number):
    """Half of the number."""
    ...


# Write a function that adds two numbers.
'''
CAN = {**FULL, "workspace": FULL["workspace"] | {"diagnostics": {}}}
"""An editor that waits for diagnostics."""


@pytest.fixture
def edits() -> list[Any]:
    """What the editor was asked to change."""
    return []


@pytest.fixture
def client(smol_model: Path, edits: list[Any]) -> Iterator[Client]:
    def take(params: Any) -> dict[str, bool]:
        edits.append(params["edit"])
        return {"applied": True}

    with Client(answers={**NOTED, "workspace/applyEdit": take}, ignored=("window/logMessage", "$/progress")) as client:
        client.initialize(CAN, options={"model": "smollm2-135m", "candidates": 0})
        client.open(URI, TEXT)
        client.when(lambda status: status["engine"]["state"] == "ready")
        yield client


def changed(edit: Any) -> str:
    """`TEXT` with the edits of one document made."""
    ((change,), lines) = edit["documentChanges"], TEXT.split("\n")
    starts = [sum(len(line) + 1 for line in lines[:number]) for number in range(len(lines))]

    def offset(place: dict[str, int]) -> int:
        return starts[place["line"]] + place["character"]

    text = TEXT
    for one in sorted(change["edits"], key=lambda one: -offset(one["range"]["start"])):
        text = text[: offset(one["range"]["start"])] + one["newText"] + text[offset(one["range"]["end"]) :]
    return text


@pytest.mark.model
def test_a_review_finds_what_an_example_refutes_and_its_fixes_parse(client: Client) -> None:
    called(client, "review", at("double", TEXT))
    assert "failing-example" in [one["code"] for one in published(client)["diagnostics"]]
    for fix in [one for one in actions(client, "return number", TEXT) if "edit" in one]:
        ast.parse(changed(fix["edit"]))
    client.taken_all("textDocument/publishDiagnostics")


@pytest.mark.model
@pytest.mark.parametrize(("name", "mark"), [("complete", "..."), ("generate", "adds two"), ("docstring", "double")])
def test_what_is_written_parses_or_has_a_reason_why_there_is_nothing(client, edits, name: str, mark: str) -> None:
    answer = called(client, name, at(mark, TEXT))
    assert said(client)
    assert bool(edits) != bool(answer["reason"])
    for edit in edits:
        ast.parse(changed(edit))


@pytest.mark.model
def test_a_command_is_cancelled_in_the_middle_of_a_computation(client: Client) -> None:
    asked = client.request("workspace/executeCommand", run("rewrite", at("double", TEXT, instruction="make it longer")))
    client.when(lambda status: status["engine"]["state"] == "busy")
    client.cancel(asked)
    assert client.reply(asked).message["error"]["code"] == -32800
    client.when(lambda status: status["engine"]["state"] == "ready" and not status["works"])
