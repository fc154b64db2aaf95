from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lsp_server.edge.framing import framed
from tests.server.client import Client, Json, Refused
from tests.server.conftest import URI, Start, endless, inline, scripted

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
NOT_INITIALIZED = -32002

DATA = Path(os.environ.get("PHI_LSP_DATA") or Path(__file__).parents[3] / "shared" / "data")
MESSAGES = DATA / "lsp-messages" / "client-to-server-valid.jsonl"
LIFECYCLE = ("initialize", "shutdown", "exit")


@pytest.fixture(scope="module")
def living() -> Iterator[Client]:
    """One server for many malformed messages: it must survive them all."""
    command = (sys.executable, "-m", "tests.server.scripted_server", "{}")
    with Client(command, ignored=("window/logMessage", "window/showMessage")) as client:
        client.initialize()
        yield client


def ready(start: Start, **more: Any) -> Client:
    client = start(scripted("x"), **more)
    client.initialize()
    return client


def anonymous(client: Client, data: bytes) -> int:
    """The error that is the reply to a message without a usable id."""
    client.send_bytes(data)
    message = client.anonymous.get(timeout=60)
    assert message["id"] is None
    assert message["error"]["message"]
    return int(message["error"]["code"])


def sent(message: Json) -> bytes:
    return framed(json.dumps(message).encode())


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", PARSE_ERROR),
        (b"\xff\xfe", PARSE_ERROR),
        (b"[" * 100_000, PARSE_ERROR),
        (b"nonsense", PARSE_ERROR),
        (b"1" * 5000, PARSE_ERROR),
        (b"[]", INVALID_REQUEST),
        (b'[{"jsonrpc": "2.0", "id": 1, "method": "shutdown"}]', INVALID_REQUEST),
        (b"7", INVALID_REQUEST),
        (b"null", INVALID_REQUEST),
        (b'"text"', INVALID_REQUEST),
        (b"{}", INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": null, "method": "shutdown"}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": 1.5, "method": "shutdown"}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": true, "method": "shutdown"}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": [1], "method": "shutdown"}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": {"id": 1}, "method": "shutdown"}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "method": 5}', INVALID_REQUEST),
    ],
)
def test_a_message_without_a_usable_id_is_answered_without_id(living: Client, body: bytes, code: int) -> None:
    assert anonymous(living, framed(body)) == code
    assert living.status()["model"]


def test_bytes_that_are_no_message_are_answered_and_the_next_message_is_understood(living: Client) -> None:
    assert anonymous(living, b"hello\r\n\r\n") == PARSE_ERROR
    assert anonymous(living, b"Content-Length: 0\r\n\r\n") == PARSE_ERROR
    assert living.status()["model"]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"method": "phi-lsp/status"}, INVALID_REQUEST),
        ({"jsonrpc": "1.0", "method": "phi-lsp/status"}, INVALID_REQUEST),
        ({"jsonrpc": "2.0", "method": 5}, INVALID_REQUEST),
        ({"jsonrpc": "2.0"}, INVALID_REQUEST),
        ({"jsonrpc": "2.0", "method": "no/such"}, METHOD_NOT_FOUND),
        ({"jsonrpc": "2.0", "method": "$/no/such"}, METHOD_NOT_FOUND),
        ({"jsonrpc": "2.0", "method": "textDocument/didOpen"}, METHOD_NOT_FOUND),
        ({"jsonrpc": "2.0", "method": "initialize", "params": {"capabilities": {}}}, INVALID_REQUEST),
    ],
)
def test_a_malformed_request_gets_an_error_under_its_own_id(living: Client, message: Json, code: int) -> None:
    msg_id = f"malformed {message}"
    living.expect(msg_id)
    living.send({"id": msg_id, **message})
    with pytest.raises(Refused) as refused:
        _ = living.reply(msg_id).result
    assert refused.value.code == code


BAD_PARAMS: list[Json] = [
    None,
    [],
    5,
    "text",
    {},
    {"textDocument": None, "position": None, "context": None},
    {**inline("x"), "position": {"line": "one", "character": 0}},
    {**inline("x"), "position": {"line": -1, "character": 0}},
    {**inline("x"), "position": {"line": 10**30, "character": 0}},
    {**inline("x"), "position": {"line": 0, "character": float("inf")}},
    {**inline("x"), "position": [0, 0]},
    {**inline("x"), "textDocument": {"uri": None, "text": {"jsonrpc": "2.0", "id": 1, "method": "exit"}}},
    {**inline("x"), "workDoneToken": {}},
    {**inline("x"), "context": {"triggerKind": "often"}},
    {**inline("x"), "context": {"triggerKind": 1, "selectedCompletionInfo": {"range": 1, "text": 2}}},
]


@pytest.mark.parametrize("params", BAD_PARAMS)
def test_bad_parameters_get_an_error_that_says_which(living: Client, params: Json) -> None:
    refused = living.refusal("textDocument/inlineCompletion", params)
    assert refused.code == INVALID_PARAMS
    assert "params" in refused.message
    assert living.status()["model"]


def test_the_error_names_fields_as_the_editor_writes_them(living: Client) -> None:
    assert "params.textDocument" in living.refusal("textDocument/inlineCompletion", {}).message


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("$/cancelRequest", None),
        ("$/cancelRequest", {"id": [1]}),
        ("$/cancelRequest", {"id": 12345}),
        ("$/setTrace", 5),
        ("$/progress", None),
        ("no/such", [1, 2]),
        ("initialized", "again"),
        ("textDocument/didOpen", None),
        ("textDocument/didOpen", {"textDocument": {"uri": 1, "text": 2}}),
        ("textDocument/didChange", 5),
        ("textDocument/didChange", {"textDocument": {"uri": "file:///unknown"}, "contentChanges": []}),
        ("textDocument/didChange", {"textDocument": {"uri": URI, "version": 2}, "contentChanges": 5}),
        ("textDocument/didClose", {"textDocument": {"uri": "file:///unknown"}}),
        ("textDocument/didClose", []),
        ("textDocument/didSave", {}),
        ("window/workDoneProgress/cancel", {"token": "unknown"}),
        ("window/workDoneProgress/cancel", {}),
        ("workspace/didChangeConfiguration", None),
        ("workspace/didChangeWorkspaceFolders", {"event": 5}),
        ("shutdown", None),
    ],
)
def test_a_malformed_notification_gets_no_reply_and_does_no_harm(living: Client, method: str, params: Json) -> None:
    living.open(URI, "x")
    living.notify(method, params)
    assert living.status()["documents"] in (0, 1)
    assert living.anonymous.empty()


@pytest.mark.parametrize("response", [{"result": 1}, {"error": {}}, {"id": "unknown", "result": None}, {"id": []}])
def test_a_response_to_no_request_does_no_harm(living: Client, response: Json) -> None:
    living.send({"jsonrpc": "2.0", "result": None, **response})
    assert living.status()["model"]


def test_an_id_that_is_still_in_use_is_refused_and_the_first_request_is_answered_too(start: Start) -> None:
    client = start(endless())
    client.initialize()
    client.open(URI, "x")
    client.when(lambda status: status["model"]["state"] == "ready")
    client.request("textDocument/inlineCompletion", inline("x"), msg_id="same")
    client.send({"jsonrpc": "2.0", "id": "same", "method": "phi-lsp/status"})
    assert client.reply("same").message["error"]["code"] == INVALID_REQUEST
    client.cancel("same")
    client.until(lambda: client.problems or None, "the reply to the first")
    (first,) = client.problems
    assert "the request was cancelled" in first
    client.problems.clear()


def test_ids_of_both_kinds_are_kept_apart(living: Client) -> None:
    assert [living.reply(living.request("phi-lsp/status", msg_id=msg_id)).result for msg_id in ("1", 10**9, "", 0, -1)]


def test_before_initialize_requests_are_refused_and_notifications_dropped(start: Start) -> None:
    client = start()
    client.open(URI, "x")
    assert client.refusal("phi-lsp/status").code == NOT_INITIALIZED
    assert client.refusal("shutdown").code == NOT_INITIALIZED
    assert client.refusal("initialize", {"capabilities": 5}).code == INVALID_PARAMS
    client.initialize()
    assert client.status()["documents"] == 0


def test_after_shutdown_requests_are_refused(start: Start) -> None:
    client = ready(start)
    client.call("shutdown")
    for method in ("phi-lsp/status", "shutdown", "initialize"):
        assert client.refusal(method).code == INVALID_REQUEST
    client.notify("exit")
    client.wait()
    assert client.process.returncode == 0


def corpus() -> list[Json]:
    if not MESSAGES.exists():
        pytest.skip(f"{MESSAGES} is missing: set PHI_LSP_DATA to the folder with the public data (README, benchmarks)")
    return [json.loads(line)["message"] for line in MESSAGES.read_text(encoding="utf-8").splitlines()]


def renumbered(message: Json, number: int) -> Json:
    """The same message under an id of its own, of the same kind."""
    return {**message, "id": type(message["id"])(number)} if "id" in message else message


def test_every_message_of_the_public_corpus_is_answered_and_the_server_lives(start: Start) -> None:
    client = ready(start, client={"ignored": ("window/logMessage", "window/showMessage", "window/showDocument")})
    asked = []
    for number, raw in enumerate(corpus(), start=1000):
        if raw["method"] in LIFECYCLE:
            continue
        message = renumbered(raw, number)
        if "id" in message:
            client.expect(message["id"])
            asked.append(message["id"])
        client.send(message)
    for msg_id in asked:
        assert client.reply(msg_id).message
    assert len(asked) == 330
    assert client.status()["model"]


def test_every_initialize_of_the_public_corpus_is_answered_with_capabilities(start: Start) -> None:
    for raw in corpus():
        if raw["method"] == "initialize":
            client = start(client={"ignored": ("window/logMessage", "window/showMessage"), "expected_status": None})
            client.expect(raw["id"])
            client.send(raw)
            assert client.reply(raw["id"]).result["capabilities"]
            client.process.kill()
