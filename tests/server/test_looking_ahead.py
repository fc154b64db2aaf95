"""What follows a suggestion is there when that is accepted, and stands in nobody's way until then."""

from __future__ import annotations

import time

from tests.server.client import Client
from tests.server.conftest import URI, Start, inline, scripted
from tests.server.test_completion import TEXT, change, opened, texts

COMPLETION = "textDocument/inlineCompletion"
FIRST = scripted("urn x")
NEXT = scripted("\n    # next", when="return x")
FOR_EVER = scripted("\n    # never", when="return x", prompt_delay=1000.0)


def shown(client: Client) -> Client:
    """With a suggestion on the screen."""
    assert texts(client.call(COMPLETION, inline(TEXT, kind=2))) == ["urn x"]
    return client


def looking(client: Client) -> Client:
    client.when(lambda status: status["queue"]["running"] == 1)
    return client


def test_what_follows_is_known_when_the_suggestion_is_accepted(start: Start) -> None:
    client = shown(opened(start(NEXT, FIRST)))
    client.when(lambda status: status["engine"]["totals"].get("requests") == 2)
    change(client, 2, "urn x")
    assert texts(client.call(COMPLETION, inline(TEXT + "urn x", kind=2))) == ["\n    # next"]
    assert client.status()["lastRequest"]["recalled"] is True


def complete_line(client: Client, version: int = 2) -> Client:
    """With a line that the model has nothing to add to."""
    change(client, version, "urn x")
    assert texts(client.call(COMPLETION, inline(TEXT + "urn x", kind=2))) == []
    return client


def test_what_the_next_line_may_be_is_known_when_enter_is_pressed(start: Start) -> None:
    client = complete_line(opened(start(scripted("pass", when="return x\n    "), scripted("", when="return x"))))
    client.when(lambda status: status["engine"]["totals"].get("requests") == 2)
    change(client, 3, "\n    ")
    assert texts(client.call(COMPLETION, inline(TEXT + "urn x\n    ", kind=2))) == ["pass"]
    assert client.status()["lastRequest"]["recalled"] is True


def test_that_is_known_too_where_the_line_was_accepted(start: Start) -> None:
    client = shown(opened(start(scripted("pass", when="return x\n    "), scripted("", when="return x"), FIRST)))
    client.when(lambda status: status["engine"]["totals"].get("requests") == 3)
    complete_line(client)
    change(client, 3, "\n    ")
    assert texts(client.call(COMPLETION, inline(TEXT + "urn x\n    ", kind=2))) == ["pass"]
    assert client.status()["engine"]["totals"]["requests"] == 3


def test_it_ends_at_once_when_somebody_asks_for_something_else(start: Start) -> None:
    client = looking(shown(opened(start(FOR_EVER, scripted("other", when="rety"), FIRST))))
    change(client, 2, "y")
    assert texts(client.call(COMPLETION, inline(TEXT + "y", kind=2))) == ["other"]


def test_it_ends_when_something_else_is_typed_though_nobody_asks(start: Start) -> None:
    client = looking(shown(opened(start(FOR_EVER, FIRST))))
    change(client, 2, "u")
    assert client.status()["queue"]["running"] == 1
    change(client, 3, "x")
    client.when(lambda status: status["engine"]["state"] == "ready")


def test_it_is_known_too_where_another_document_was_edited_last(start: Start) -> None:
    client = opened(start(NEXT, FIRST))
    other = "file:///other.py"
    client.open(other, "x = 1\n")
    document = {"uri": other, "version": 2}
    client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": "x = 2\n"}]})
    shown(client).when(lambda status: status["engine"]["totals"].get("requests") == 2)


def test_it_is_not_seen_as_work(start: Start) -> None:
    client = looking(shown(opened(start(FOR_EVER, FIRST))))
    assert client.status()["summary"]["state"] == "ready"


def test_it_can_be_turned_off(start: Start) -> None:
    client = shown(opened(start(NEXT, FIRST), options={"lookAhead": False}))
    change(client, 2, "urn x")
    assert client.call(COMPLETION, inline(TEXT + "urn x", kind=2)) == {"items": []}


def looked_at(client: Client) -> Client:
    """The cursor comes to rest behind the text, and the editor shows a light bulb if there is something to do."""
    place = inline(TEXT)["position"]
    there = {"textDocument": {"uri": URI}, "range": {"start": place, "end": place}, "context": {"diagnostics": []}}
    client.call("textDocument/codeAction", there)
    return client


def test_the_prompt_of_a_place_that_is_looked_at_is_evaluated(start: Start) -> None:
    client = looked_at(opened(start(FIRST)))
    client.when(lambda status: status["engine"]["totals"].get("requests") == 1)
    assert client.status()["lastRequest"] == {}
    shown(client)


def test_that_too_ends_at_once_when_somebody_asks_for_something_else(start: Start) -> None:
    never = scripted("urn x", when="ret", prompt_delay=1000.0)
    client = looking(looked_at(opened(start(scripted("other", when="rety"), never))))
    change(client, 2, "y")
    assert texts(client.call(COMPLETION, inline(TEXT + "y", kind=2))) == ["other"]


def test_nothing_is_evaluated_where_nothing_would_be_suggested(start: Start) -> None:
    client = looked_at(opened(start(FIRST), options={"excludedLanguages": ["python"]}))
    # Longer than it is waited before a place is evaluated.
    time.sleep(0.3)
    client.when(lambda status: status["queue"] == {"running": 0, "waiting": 0})
    assert "requests" not in client.status()["engine"]["totals"]


def test_who_reads_from_place_to_place_makes_work_a_few_times_only(start: Start) -> None:
    client = opened(start(FIRST))
    for made in (1, 2, 3, 3, 3):
        looked_at(client)
        client.when(lambda status, made=made: status["engine"]["totals"].get("requests") == made)
        time.sleep(0.2)
    assert client.status()["engine"]["totals"]["requests"] == 3
