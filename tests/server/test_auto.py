"""``"model": "auto"``: two models, or one, behind the same requests."""

from __future__ import annotations

import os
import signal
from typing import Any

from tests.server.client import Client, Json
from tests.server.conftest import URI, Start, endless, inline, scripted

AUTO = {"model": "auto"}


def _said(client: Client, text: str) -> str | None:
    client.open(URI, text)
    answer = client.call("textDocument/inlineCompletion", inline(text))
    client.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
    items: list[dict[str, Any]] = answer["items"]
    return items[0]["insertText"] if items else None


def _ready(client: Client, state: str = "ready") -> Json:
    return client.when(lambda status: status["auto"] is not None and status["auto"]["functionsState"].startswith(state))


def test_each_of_two_models_writes_what_it_is_for_and_both_are_stated(start: Start) -> None:
    client = start(scripted("typed"), functions=[scripted("a body")])
    client.initialize(options=AUTO)
    auto = _ready(client)["auto"]
    assert (auto["typing"], auto["functions"], auto["why"]) == (
        "scripted-model",
        "scripted-functions",
        "as the test wishes",
    )
    assert (_said(client, "x = "), _said(client, "def f():")) == ("typed", "a body")


def test_one_model_does_everything_where_there_is_no_second(start: Start) -> None:
    client = start(scripted("typed"))
    client.initialize(options=AUTO)
    status = client.when(lambda status: status["engine"]["state"] == "ready")
    assert (status["auto"]["functions"], status["auto"]["functionsState"]) == (None, "off")
    assert (_said(client, "x = "), _said(client, "def f():")) == ("typed", "typed")


def test_a_second_model_that_cannot_be_opened_costs_nothing(start: Start) -> None:
    client = start(scripted("typed"), functions=[], broken_functions="too large")
    client.initialize(options=AUTO)
    assert "too large" in _ready(client, "crashed")["auto"]["functionsState"]
    assert _said(client, "def f():") == "typed"


def test_a_second_model_that_is_killed_at_work_leaves_the_work_to_the_first(start: Start) -> None:
    client = start(scripted("typed"), functions=[endless()])
    client.initialize(options=AUTO)
    _ready(client)
    client.open(URI, "def f():")
    asked = client.request("textDocument/inlineCompletion", inline("def f():"))
    os.kill(_ready(client, "busy")["auto"]["functionsProcessId"], signal.SIGKILL)
    assert client.reply(asked).result == {"items": []}
    assert "SIGKILL" in client.take("window/showMessage")["message"]
    client.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
    assert _said(client, "def f():") == "typed"


def test_another_model_named_ends_both(start: Start) -> None:
    client = start(scripted("typed"), functions=[scripted("a body")])
    client.initialize(options=AUTO)
    _ready(client)
    client.notify("workspace/didChangeConfiguration", {"settings": {"model": "scripted-model"}})
    client.when(lambda status: status["auto"] is None and status["engine"]["state"] == "ready")
    assert _said(client, "def f():") == "typed"


def test_what_the_user_must_know_of_the_machine_is_told(start: Start) -> None:
    client = start(scripted("typed"), remarks=["this machine has a GPU"])
    client.initialize()
    assert "this machine has a GPU" in client.take("window/showMessage")["message"]
