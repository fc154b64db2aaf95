"""A server elsewhere is asked instead of the model of this machine: what the user is told, and who stands in."""

from __future__ import annotations

import os
import socket

import pytest

from lsp_server.session.away import notice_of
from tests.completions_server import KEY, refuses, says, serving, waits_after
from tests.server.client import Client
from tests.server.conftest import URI, Start, inline, scripted

TEXT = "def f(x):\n    ret"
VARIABLE = "PHI_LSP_TEST_KEY"


def begun(start: Start, url: object, *scripts: object, key: str = "", **options: object) -> Client:
    """A server that is to ask another one."""
    options = {"remote": url, "remoteKeyVariable": VARIABLE, **options}
    client = start(*(scripts or (scripted("here"),)), client={"environment": {**os.environ, VARIABLE: key}})
    client.initialize(options=options)
    client.open(URI, TEXT)
    return client


def completed(client: Client) -> list[str]:
    answer = client.call("textDocument/inlineCompletion", inline(TEXT))
    return [item["insertText"] for item in answer["items"]]


def in_state(client: Client, text: str) -> None:
    client.when(lambda status: text in status["model"]["state"])


def told(client: Client) -> list[str]:
    return [message["message"] for message in client.taken_all("window/showMessage")]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://gpu.example/v1", "code leaves this machine: what stands around the cursor is sent to https://gpu."),
        ("http://gpu.example/v1", "http://gpu.example/v1, without encryption"),
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1, which runs on this machine"),
        ("http://[::1]:8000/v1", "which runs on this machine"),
        ("http://localhost.example/v1", "code leaves this machine"),
    ],
)
def test_what_leaves_the_machine_is_said_in_plain_words(url: str, said: str) -> None:
    assert said in notice_of(url)


def test_nothing_is_sent_anywhere_unless_a_setting_says_so(start: Start) -> None:
    client = begun(start, "")
    in_state(client, "ready")
    assert completed(client) == ["here"]
    assert client.status()["remote"] is None
    assert not told(client)


def test_the_server_answers_and_the_user_is_told_where_code_goes(start: Start) -> None:
    with serving(key=KEY) as server:
        client = begun(start, server.url, key=KEY)
        in_state(client, "ready")
        assert completed(client) == ["far away"]
        status = client.status()
        (message,) = told(client)
    assert f"code is sent to the server at {server.url}" in message
    assert status["remote"]["notice"] in message
    assert status["engine"]["processId"] is None
    assert KEY not in str(status) + message + bytes(client.stderr).decode()


def test_a_model_may_have_its_own_address(start: Start) -> None:
    with serving(says("mine")) as server, serving(says("others")) as other:
        client = begun(start, {"unheard-of-too": other.url, "scripted-model": server.url})
        in_state(client, "ready")
        assert completed(client) == ["mine"]
        told(client)


def test_a_model_of_this_machine_stands_in_for_a_server_that_is_not_there_until_it_is(start: Start) -> None:
    port = free_port()
    client = begun(start, f"http://127.0.0.1:{port}/v1")
    in_state(client, "ready: scripted-model stands in")
    assert completed(client) == ["here"]
    assert client.status()["remote"]["state"].startswith("unreachable")
    assert any("cannot be reached" in message for message in told(client))
    with serving(port=port):
        client.when(lambda status: status["model"]["state"] == "ready")
        client.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
        client.open(URI, TEXT + " ")
        answer = client.call("textDocument/inlineCompletion", inline(TEXT + " "))
        assert [item["insertText"] for item in answer["items"]] == ["far away"]
        assert client.status()["engine"]["processId"] is None


def test_a_server_that_goes_away_costs_one_answer(start: Start) -> None:
    with serving() as server:
        client = begun(start, server.url)
        in_state(client, "ready")
        assert completed(client) == ["far away"]
    client.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
    client.open(URI, TEXT + " ")
    params = inline(TEXT + " ")
    assert client.call("textDocument/inlineCompletion", params) == {"items": []}
    in_state(client, "stands in")
    assert client.call("textDocument/inlineCompletion", params)["items"][0]["insertText"] == "here"
    assert client.status()["engine"]["processId"] is not None
    told(client)


def test_without_a_stand_in_the_reason_is_told(start: Start) -> None:
    client = begun(start, f"http://127.0.0.1:{free_port()}/v1", remoteFallback="")
    in_state(client, "cannot be reached")
    assert completed(client) == []
    assert "cannot be reached" in client.status()["lastRequest"]["reason"]
    told(client)


def test_a_key_that_is_not_taken_is_told_with_where_to_put_it(start: Start) -> None:
    with serving(key=KEY) as server:
        client = begun(start, server.url, key="wrong")
        in_state(client, "stands in")
        assert any(f"set the environment variable {VARIABLE}" in message for message in told(client))


def test_a_busy_server_means_no_suggestion_now(start: Start) -> None:
    with serving(refuses(429)) as server:
        client = begun(start, server.url)
        in_state(client, "ready")
        assert completed(client) == []
        assert "busy" in client.status()["lastRequest"]["reason"]
        assert len(told(client)) == 1
        assert client.status()["model"]["state"] == "ready"


def test_cancelling_closes_the_connection_and_an_answer_in_two_halves_is_none(start: Start) -> None:
    with serving(waits_after("half")) as server:
        client = begun(start, server.url)
        in_state(client, "ready")
        request = client.request("textDocument/inlineCompletion", inline(TEXT))
        client.when(lambda status: status["engine"]["state"] == "busy")
        client.cancel(request)
        assert server.closed.get(timeout=30)
        assert "error" in client.reply(request).message
        told(client)


def test_turning_it_off_brings_the_model_of_this_machine(start: Start) -> None:
    with serving() as server:
        client = begun(start, server.url)
        in_state(client, "ready")
        client.notify("workspace/didChangeConfiguration", {"settings": {"phi-lsp": {"remote": ""}}})
        client.when(lambda status: status["remote"] is None and status["model"]["state"] == "ready")
        assert completed(client) == ["here"]
        told(client)
    assert not server.questions


@pytest.mark.parametrize("url", ["gpu.example", "https://user:key@gpu.example/v1", "ftp://x", {"default": "x"}, 5])
def test_an_address_that_is_none_is_told_with_what_to_write(start: Start, url: object) -> None:
    client = begun(start, url)
    in_state(client, "ready")
    (message,) = told(client)
    assert "`remote`: write" in message
    assert client.status()["remote"] is None
