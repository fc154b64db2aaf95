"""Somebody types on while a suggestion is written: a change, the end of the old request, a new one, as editors do."""

from __future__ import annotations

import time

from tests.server.conftest import Start, inline, scripted
from tests.server.test_completion import TEXT, change, opened, running, texts

COMPLETION = "textDocument/inlineCompletion"
SLOWLY = {"prompt_delay": 0.5}
OTHERWISE = scripted("asked anew", when="retu")


def typed_on(client, text: str) -> int:
    """Ask, type ``text`` while the engine computes, and ask again; the new request."""
    asked = client.request(COMPLETION, inline(TEXT, kind=2))
    running(client)
    change(client, 2, text)
    client.cancel(asked)
    assert "error" in client.reply(asked).message
    return client.request(COMPLETION, inline(TEXT + text, kind=2))


def test_what_is_being_suggested_may_be_typed_while_it_is_written(start: Start) -> None:
    client = opened(start(OTHERWISE, scripted("urn x", **SLOWLY)))
    assert texts(client.reply(typed_on(client, "u")).result) == ["rn x"]


def test_it_may_be_typed_once_some_of_it_is_written_too(start: Start) -> None:
    client = opened(start(OTHERWISE, scripted("ur", *["n"] * 20, piece_delay=0.05)))
    asked = client.request(COMPLETION, inline(TEXT, kind=2))
    running(client)
    # A few pieces are there, which nobody has typed yet.
    for _ in range(20):
        client.status()
        time.sleep(0.01)
    change(client, 2, "u")
    client.cancel(asked)
    client.reply(asked)
    again = client.request(COMPLETION, inline(TEXT + "u", kind=2))
    assert texts(client.reply(again).result) == ["r" + "n" * 20]


def test_what_is_typed_otherwise_is_asked_anew_at_once(start: Start) -> None:
    never = scripted("ry", *["y"] * 1000, piece_delay=0.02)
    client = opened(start(OTHERWISE, never))
    asked = client.request(COMPLETION, inline(TEXT, kind=2))
    running(client)
    client.cancel(asked)
    client.reply(asked)
    assert texts(client.reply(typed_on(client, "u")).result) == ["asked anew"]


def test_what_nobody_asks_for_again_ends_by_itself(start: Start) -> None:
    client = opened(start(scripted("urn x", prompt_delay=1000.0)))
    asked = client.request(COMPLETION, inline(TEXT, kind=2))
    running(client)
    change(client, 2, "u")
    client.cancel(asked)
    client.when(lambda status: status["engine"]["state"] == "ready")
