"""Questions asked from an editor: what the model is shown, how the answer streams, and how it ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.server.asking import TEXT, begun
from tests.server.client import Client, Json
from tests.server.conftest import SLOW, URI, Start, endless, inline, position, scripted

ASK = "phi-lsp/ask"


def pieces(client: Client, token: str = "answer") -> list[str]:
    """What was streamed so far."""
    return [sent["value"]["text"] for sent in client.taken_all("$/progress") if sent["token"] == token]


def at(mark: str, end: str = "") -> Json:
    """The range from one mark to the end of another one, empty where there is none."""
    first = TEXT.index(mark)
    last = TEXT.index(end, first) + len(end) if end else first
    return {"start": position(TEXT, first), "end": position(TEXT, last)}


def test_an_answer_streams_and_the_whole_of_it_comes_back(start: Start) -> None:
    client = begun(start, scripted(" It", " pairs", " items.", when="What does zip do?"))
    answer = client.call(ASK, {"question": "What does zip do?", "partialResultToken": "answer"})
    assert answer == {"text": " It pairs items.", "reason": ""}
    streamed = pieces(client)
    assert "".join(streamed) == answer["text"]
    assert len(streamed) > 1


def test_nothing_streams_to_who_gave_no_token(start: Start) -> None:
    client = begun(start, scripted(" Yes.", when="Is it?"))
    assert client.call(ASK, {"question": "Is it?"})["text"] == " Yes."
    assert pieces(client) == []


def test_an_empty_answer_has_a_reason(start: Start) -> None:
    answer = begun(start, scripted()).call(ASK, {"question": "Is it?"})
    assert answer["text"] == ""
    assert "nothing to say" in answer["reason"]


@pytest.mark.parametrize(
    ("place", "shown", "hidden"),
    [
        ({}, "return items[0]", "nothing is hidden"),
        ({"range": at("items[1]")}, "def first(items)", "def last"),
        ({"position": at("items[1]")["start"]}, "def first(items)", "def last"),
        ({"range": at("if items", "return 3")}, "    if items == None:\n        return 3\n```", "def first"),
        ({"range": at("import os")}, "return items[0]", "nothing is hidden"),
    ],
)
def test_what_the_question_is_about_is_shown_to_the_model(start: Start, place: Json, shown: str, hidden: str) -> None:
    client = begun(start, scripted(" too much", when=hidden), scripted(" seen", when=shown))
    assert client.call(ASK, {"question": "Why?", "uri": URI, **place}) == {"text": " seen", "reason": ""}


def test_without_a_document_none_is_shown(start: Start) -> None:
    client = begun(start, scripted(" seen", when="items"), scripted(" Yes.", when="Is it?"))
    assert client.call(ASK, {"question": "Is it?"})["text"] == " Yes."


def test_what_was_said_before_is_in_mind(start: Start) -> None:
    client = begun(start, scripted(" It is.", when="Question: Is it?\nAnswer: No.\nQuestion: Sure?\nAnswer:"))
    history = [
        {"role": "user", "text": "Nobody answered this"},
        {"role": "user", "text": "Is it?"},
        {"role": "assistant", "text": " No."},
    ]
    assert client.call(ASK, {"question": "Sure?", "history": history})["text"] == " It is."


def test_cancelling_answers_at_once_and_stops_the_engine(start: Start) -> None:
    client = begun(start, endless())
    asked = client.request(ASK, {"question": "Why?", "partialResultToken": "answer"})
    client.when(lambda status: status["engine"]["state"] == "busy" and len(status["works"]) == 1)
    client.cancel(asked)
    assert client.reply(asked).message["error"]["code"] == -32800
    client.when(lambda status: status["engine"]["state"] == "ready" and status["works"] == [])


def test_typing_comes_first_and_the_answer_goes_on_afterwards(start: Start) -> None:
    client = begun(
        start,
        scripted("typed", when="return items[0]\n    x"),
        scripted("one", "two", "three", "four", "five", "six", when="Why?", piece_delay=0.2),
    )
    asked = client.request(ASK, {"question": "Why?"})
    client.when(lambda status: status["engine"]["state"] == "busy")
    client.open("file:///typed.py", "return items[0]\n    x")
    typed = inline("return items[0]\n    x", kind=2, uri="file:///typed.py")
    assert client.call("textDocument/inlineCompletion", typed)["items"][0]["insertText"] == "typed"
    assert client.reply(asked).result["reason"] == ""


def test_editing_or_closing_the_document_does_not_end_an_answer(start: Start) -> None:
    client = begun(start, scripted(" a", " b", " c", when="Why?", **SLOW))
    asked = client.request(ASK, {"question": "Why?", "uri": URI})
    client.notify("textDocument/didChange", {"textDocument": {"uri": URI}, "contentChanges": [{"text": "x"}]})
    client.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
    assert client.reply(asked).result == {"text": " a b c", "reason": ""}


def test_a_crash_in_the_middle_keeps_what_was_said_and_is_told(start: Start) -> None:
    client = begun(start, scripted(" half", " whole", fault="crash", fault_at=1, when="Why?"))
    answer = client.call(ASK, {"question": "Why?", "partialResultToken": "answer"})
    assert answer["text"] == "".join(pieces(client))
    assert "the engine process" in answer["reason"]
    client.take("window/showMessage")


def test_without_a_model_the_reason_is_the_answer(start: Start) -> None:
    client = start(present=False, client={"answers": {"window/showMessageRequest": lambda _: None}})
    client.initialize()
    client.when(lambda status: "models pull" in status["model"]["state"])
    answer = client.call(ASK, {"question": "Why?"})
    assert answer["text"] == ""
    assert "run `phi-lsp models pull scripted-model`" in answer["reason"]


@pytest.mark.parametrize(
    ("params", "advice"),
    [
        (None, "`question` must be a text that is not empty"),
        ([], "`question` must be a text that is not empty"),
        ({"question": " "}, "`question` must be a text that is not empty"),
        ({"question": 5}, "`question` must be a text"),
        ({"question": "Why?", "uri": "file:///absent.py"}, "names no open document"),
        ({"question": "Why?", "uri": URI, "range": 5}, "`range` must be an object"),
        ({"question": "Why?", "history": "before"}, "`history` must be a list of objects"),
        ({"question": "Why?", "history": [{"role": "system", "text": "x"}]}, "`history` must be a list of objects"),
        ({"question": "Why?", "history": ["x"]}, "`history` must be a list of objects"),
        ({"question": "Why?", "partialResultToken": []}, "`partialResultToken` must be"),
    ],
)
def test_a_question_that_is_none_is_told_with_what_to_send(start: Start, params: Any, advice: str) -> None:
    refused = begun(start).refusal(ASK, params)
    assert refused.code == -32602
    assert advice in refused.message


def test_a_real_model_answers_about_a_selection(default_model: Path) -> None:
    text = "def f(n):\n    return n * 2\n"
    with Client(ignored=("window/logMessage", "$/progress")) as client:
        client.initialize()
        client.open(URI, text)
        client.when(lambda status: status["engine"]["state"] == "ready")
        params = {"question": "What does this return for n = 4?", "uri": URI, "range": at("import os")}
        answer = client.call(ASK, {**params, "partialResultToken": "answer"})
        assert answer["reason"] == ""
        assert answer["text"] == "".join(pieces(client))
        assert "8" in answer["text"]
