"""The whole way with a real model: the smallest, for it is the plumbing that is tested."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.server.client import Client
from tests.server.conftest import URI, inline

TEXT = "def double(numbers):\n    result = []\n    for number in numbers:\n        "


@pytest.fixture
def client(smol_model: Path) -> Iterator[Client]:
    with Client() as client:
        client.initialize(options={"model": "smollm2-135m", "candidates": 0})
        client.open(URI, TEXT)
        client.when(lambda status: status["engine"]["state"] == "ready")
        yield client


@pytest.mark.model
def test_a_completion_comes_with_what_ended_it_and_what_it_cost(client: Client) -> None:
    client.call("textDocument/inlineCompletion", inline(TEXT))
    last = client.status()["lastRequest"]
    assert last["rule"]
    assert 0 < last["firstPieceSeconds"] <= last["totalSeconds"] <= last["seconds"]
    assert last["promptTokens"] > 0
    assert last["generatedTokens"] > 0


@pytest.mark.model
def test_a_kill_of_the_engine_in_the_middle_is_answered_and_the_next_request_works(client: Client) -> None:
    asked = client.request("textDocument/inlineCompletion", inline(TEXT))
    engine = client.when(lambda status: status["engine"]["state"] == "busy")["engine"]["processId"]
    os.kill(engine, signal.SIGKILL)
    assert client.reply(asked).result == {"items": []}
    assert "phi-lsp" in client.take("window/showMessage")["message"]
    assert "rule" not in client.status()["lastRequest"]
    client.call("textDocument/inlineCompletion", inline(TEXT))
    status = client.status()
    assert status["lastRequest"]["rule"]
    assert status["engine"]["processId"] not in (None, engine)
    assert [child.pid for child in psutil.Process(client.process.pid).children()] == [status["engine"]["processId"]]


@pytest.fixture
def shelf(tmp_path: Path, smol_model: Path, default_model: Path) -> dict[str, str]:
    """An environment whose store has two models and no measurement."""
    folder = tmp_path / "home" / "models"
    folder.mkdir(parents=True)
    for path in (smol_model, default_model):
        (folder / path.name).symlink_to(path)
    return {**os.environ, "PHI_LSP_HOME": str(tmp_path / "home")}


@pytest.mark.model
def test_auto_takes_what_suits_this_machine_and_keeps_what_it_measured(shelf: dict[str, str]) -> None:
    with Client(environment=shelf) as client:
        client.initialize(options={"model": "auto", "candidates": 0})
        client.open(URI, TEXT)
        status = client.when(lambda status: status["engine"]["state"] == "ready")
        client.call("textDocument/inlineCompletion", inline(TEXT))
        client.when(lambda _: (Path(shelf["PHI_LSP_HOME"]) / "speeds.json").is_file())
    assert (status["auto"]["typing"], status["model"]["name"]) == ("qwen2.5-coder-0.5b-instruct",) * 2
    assert "for typing (nothing was measured yet)" in status["auto"]["why"]


@pytest.mark.model
def test_a_model_that_may_not_take_so_much_is_not_loaded_and_auto_takes_a_smaller_one(shelf: dict[str, str]) -> None:
    with Client(environment=shelf) as client:
        client.initialize(options={"model": "smollm2-135m", "maxMemoryMegabytes": 100})
        said = client.take("window/showMessage")["message"]
        assert re.search(r"needs about \d+ MB of memory, and the setting `maxMemoryMegabytes` is 100: choose", said)
        client.open(URI, TEXT)
        client.call("textDocument/inlineCompletion", inline(TEXT))
        status = client.status()
        assert "maxMemoryMegabytes" in status["lastRequest"]["reason"]
        assert status["engine"]["processId"] is None
        more = {"phi-lsp": {"model": "auto", "maxMemoryMegabytes": 500}}
        client.notify("workspace/didChangeConfiguration", {"settings": more})
        status = client.when(lambda status: status["engine"]["state"] == "ready")
        assert status["model"]["name"] == "smollm2-135m-instruct"
        assert psutil.Process(status["engine"]["processId"]).memory_info().rss < 500_000_000
