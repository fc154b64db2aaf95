"""Somebody types on while a suggestion is written: a change, the end of the old request, a new one.

Of the first two some editors tell the change first, VS Code the end of the request.
"""

from __future__ import annotations

import time

import pytest

from tests.server.conftest import Start, inline, scripted
from tests.server.test_completion import TEXT, change, opened, running, texts

COMPLETION = "textDocument/inlineCompletion"
SLOWLY = {"prompt_delay": 0.5}
OTHERWISE = scripted("asked anew", when="retu")


def typed_on(client, text: str, end_first: bool = False) -> int:
    """Ask, type ``text`` while the engine computes, and ask again; the new request."""
    asked = client.request(COMPLETION, inline(TEXT, kind=2))
    running(client)
    tellings = [lambda: change(client, 2, text), lambda: client.cancel(asked)]
    for tell in reversed(tellings) if end_first else tellings:
        tell()
    assert "error" in client.reply(asked).message
    return client.request(COMPLETION, inline(TEXT + text, kind=2))


@pytest.mark.parametrize("end_first", [False, True])
def test_what_is_being_suggested_may_be_typed_while_it_is_written(start: Start, end_first: bool) -> None:
    client = opened(start(OTHERWISE, scripted("urn x", **SLOWLY)))
    assert texts(client.reply(typed_on(client, "u", end_first)).result) == ["rn x"]


def test_it_may_be_typed_once_some_of_it_is_written_too(start: Start) -> None:
    head, lines = "def f(x):\n    ", [f"a{number} = x\n    " for number in range(12)]
    body = scripted(*lines, "return a1\n", piece_delay=0.05)
    client = opened(start(scripted("sked = anew\n", when="    a"), body), head)
    asked = client.request(COMPLETION, inline(head, kind=2))
    running(client)
    # Some lines are there, which nobody has typed yet.
    time.sleep(0.3)
    change(client, 2, "a")
    client.cancel(asked)
    client.reply(asked)
    again = client.request(COMPLETION, inline(head + "a", kind=2))
    assert texts(client.reply(again).result)[0].startswith("0 = x\n    a1 = x\n")


def test_lines_are_shown_before_all_are_written_and_the_others_once_those_are_accepted(start: Start) -> None:
    head, lines = "def f(x):\n    ", ["a0 = x\n", *(f"    a{number} = x\n" for number in range(1, 12))]
    client = opened(start(scripted(*lines, piece_delay=0.05)), head)
    (some,) = texts(client.call(COMPLETION, inline(head, kind=2)))
    assert some.startswith("a0 = x")
    assert "a11" not in some
    change(client, 2, some)
    (more,) = texts(client.call(COMPLETION, inline(head + some, kind=2)))
    assert more.startswith("\n    a")
    assert "".join(lines).startswith(some + more)
    assert client.status()["engine"]["totals"].get("requests", 1) == 1


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
