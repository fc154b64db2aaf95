"""What an editor shows of the server at a glance: pushed when it changes, to those that wish it."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.server.asking import at, called, found
from tests.server.client import Client, Json
from tests.server.conftest import SLOW, URI, Start, endless, inline, scripted

WISHES: Json = {"experimental": {"phiLsp": {"status": True}}}
CHANGED = "phi-lsp/statusChanged"
DIAGNOSTICS = "textDocument/publishDiagnostics"
TEXT = "def f(x):\n    ret"
FUNCTION = "def f(x):\n    return x\n"


def watching(start: Start, *scripts: Any, options: Json = None, text: str = TEXT, **wish: Any) -> Client:
    """A client that wishes to hear of changes, with a document open; it has read nothing yet."""
    ignored = ("window/logMessage", "window/showMessage", "$/progress", DIAGNOSTICS, CHANGED)
    client = start(
        *scripts, client={"ignored": ignored, "answers": {"window/showMessageRequest": lambda _: None}}, **wish
    )
    client.initialize(WISHES, options=options)
    client.open(URI, text)
    return client


def until(client: Client, state: str, **more: Json) -> Json:
    """The next change to that state; what comes before it is read."""
    while True:
        told = client.take(CHANGED)
        if told["state"] == state and all(told[key] == value for key, value in more.items()):
            return told


def test_the_way_of_a_model_from_its_file_to_an_answer_is_told(start: Start) -> None:
    client = watching(start, scripted("urn", " x", **SLOW))
    assert until(client, "loading", message="loading scripted-model")["model"] == "scripted-model"
    ready = until(client, "ready")
    assert ready == {
        "model": "scripted-model",
        "state": "ready",
        "percent": None,
        "message": "scripted-model is ready",
        "reason": "",
        "seconds": None,
        "remote": "",
    }
    client.call("textDocument/inlineCompletion", inline(TEXT))
    assert until(client, "thinking")["message"] == "scripted-model is computing an answer"
    assert until(client, "ready", reason="")["seconds"] > 0
    assert client.status()["summary"] == {**ready, "seconds": client.status()["summary"]["seconds"]}


@pytest.mark.parametrize("capabilities", [{}, {"experimental": {"phiLsp": {}}}, {"experimental": [1]}])
def test_an_editor_that_does_not_wish_it_is_told_nothing(start: Start, capabilities: Json) -> None:
    client = start(scripted("urn x"))
    client.initialize(capabilities)
    client.when(lambda status: status["summary"]["state"] == "ready")
    assert client.taken_all(CHANGED) == []


def test_why_the_last_answer_was_empty_is_told(start: Start) -> None:
    client = watching(start, scripted())
    until(client, "ready")
    client.call("textDocument/inlineCompletion", inline(TEXT))
    assert until(client, "ready", reason="the script is silent")["seconds"] is not None


def test_a_request_that_nobody_waits_for_any_more_is_no_answer(start: Start) -> None:
    client = watching(start, endless())
    until(client, "ready")
    asked = client.request("textDocument/inlineCompletion", inline(TEXT))
    until(client, "thinking")
    client.cancel(asked)
    assert "error" in client.reply(asked).message
    assert until(client, "ready")["reason"] == ""


def test_a_command_is_thought_about_too(start: Start) -> None:
    client = watching(start, found("x~wrong-value~Off.~", **SLOW), text=FUNCTION)
    until(client, "ready")
    called(client, "review", at("return", FUNCTION))
    until(client, "thinking")
    until(client, "ready")


def test_a_download_is_told_in_percent_until_the_model_is_ready(start: Start) -> None:
    client = watching(start, present=False, auto_download=True, pull_steps=5, pull_delay=0.05)
    # The first may come before anything is known of what is here already.
    seen = [until(client, "downloading")["percent"] or 0 for _ in range(3)]
    assert seen == sorted(seen)
    until(client, "ready")


def test_a_model_that_is_missing_is_told_with_the_next_step(start: Start) -> None:
    client = watching(start, present=False)
    client.when(lambda status: "set `autoDownload`" in status["model"]["state"])
    until(client, "missing")
    assert "run `phi-lsp models pull scripted-model`" in client.status()["summary"]["message"]


def test_the_command_downloads_what_is_missing_without_asking_again(start: Start) -> None:
    client = watching(start, scripted("urn x"), present=False)
    until(client, "missing")
    assert called(client, "download") == {"reason": ""}
    until(client, "ready")
    assert called(client, "download") == {"reason": "scripted-model is here already"}


def test_the_command_asks_first_where_that_is_wished(start: Start) -> None:
    questions: list[str] = []

    def answer(params: dict[str, Any]) -> dict[str, str] | None:
        questions.append(params["message"])
        return {"title": "Download"} if len(questions) == 2 else None

    ignored = ("window/logMessage", "$/progress", DIAGNOSTICS, CHANGED)
    answers = {"window/showMessageRequest": answer}
    client = start(scripted("urn x"), present=False, client={"answers": answers, "ignored": ignored})
    client.initialize(WISHES)
    client.when(lambda status: "set `autoDownload`" in status["model"]["state"])
    assert called(client, "download", {"ask": True}) == {"reason": ""}
    until(client, "ready")
    assert "scripted-model is not downloaded" in questions[1]
    assert "123 MB, licence Apache-2.0" in questions[1]


def test_offline_the_command_says_what_to_set(start: Start) -> None:
    client = watching(start, present=False, options={"offline": True})
    until(client, "missing")
    assert "set it to false" in called(client, "download")["reason"]


def test_a_download_that_was_cancelled_is_gone_on_with_by_the_command(start: Start) -> None:
    answers = {"window/workDoneProgress/create": lambda _: None}
    ignored = ("window/logMessage", "$/progress", DIAGNOSTICS, CHANGED)
    client = start(
        present=False,
        auto_download=True,
        pull_steps=20,
        pull_delay=0.3,
        client={"answers": answers, "ignored": ignored},
    )
    client.initialize({**WISHES, "window": {"workDoneProgress": True}})
    token = client.take("$/progress")["token"]
    client.notify("window/workDoneProgress/cancel", {"token": token})
    assert "cancelled" in until(client, "missing")["message"]
    called(client, "download")
    until(client, "downloading")


def test_a_model_that_cannot_be_opened_is_told_with_its_reason(start: Start) -> None:
    client = watching(start, broken="the file is damaged")
    assert "the file is damaged" in until(client, "failed")["message"]


def test_a_restart_brings_a_new_process(start: Start) -> None:
    client = watching(start, scripted("urn x"))
    until(client, "ready")
    before = client.status()["engine"]["processId"]
    assert called(client, "restart") == {"reason": ""}
    until(client, "loading")
    until(client, "ready")
    assert client.status()["engine"]["processId"] not in (None, before)
    assert client.call("textDocument/inlineCompletion", inline(TEXT))["items"]


def test_an_engine_that_is_killed_while_nobody_asks_is_told_and_the_next_request_starts_it_again(start: Start) -> None:
    client = watching(start, scripted("urn x"))
    until(client, "ready")
    os.kill(client.status()["engine"]["processId"], signal.SIGKILL)
    assert "the next request starts it again" in until(client, "off")["message"]
    assert client.call("textDocument/inlineCompletion", inline(TEXT))["items"]
    until(client, "loading")
    until(client, "ready")


def test_an_engine_that_is_killed_while_it_opens_is_started_again_by_the_next_request(start: Start) -> None:
    client = watching(start, scripted("urn x"), open_delay=3.0)
    until(client, "loading", message="loading scripted-model")
    client.when(lambda _: engine_of(client) > 0)
    os.kill(engine_of(client), signal.SIGKILL)
    assert "started again" in until(client, "failed")["message"]
    assert client.call("textDocument/inlineCompletion", inline(TEXT))["items"]
    until(client, "ready")


def engine_of(client: Client) -> int:
    """The process of the engine, before the server tells of it; 0 while there is none."""
    children = psutil.Process(client.process.pid).children()
    found = [child for child in children if "lsp_server.engines.host" in child.cmdline()]
    return found[0].pid if found else 0


def test_a_file_that_is_gone_when_the_engine_is_started_again_is_asked_for(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_text("weights")
    client = watching(start, scripted("urn x"), file=str(file))
    until(client, "ready")
    file.unlink()
    os.kill(client.status()["engine"]["processId"], signal.SIGKILL)
    until(client, "off")
    assert client.call("textDocument/inlineCompletion", inline(TEXT)) == {"items": []}
    assert "not downloaded" in until(client, "missing")["message"]


# Pauses


def automatic(client: Client, text: str = TEXT, **more: Any) -> list[str]:
    return [
        item["insertText"]
        for item in client.call("textDocument/inlineCompletion", inline(text, kind=2, **more))["items"]
    ]


def test_while_paused_nothing_comes_unasked_and_what_is_asked_for_does(start: Start) -> None:
    client = watching(start, scripted("urn x"))
    until(client, "ready")
    assert called(client, "pause") == {"reason": ""}
    assert until(client, "paused")["message"] == "completions are paused; the command phi-lsp.resume ends the pause"
    assert automatic(client) == []
    assert until(client, "paused")["reason"].startswith("completions are paused")
    popup = {"textDocument": {"uri": URI}, "position": {"line": 1, "character": 7}}
    assert client.call("textDocument/completion", popup)["items"] == []
    assert client.call("textDocument/inlineCompletion", inline(TEXT))["items"]
    assert called(client, "resume") == {"reason": ""}
    until(client, "ready")
    assert automatic(client) == ["urn x"]
    assert called(client, "resume") == {"reason": "no pause holds"}


def test_a_pause_of_one_language_leaves_the_others(start: Start) -> None:
    client = watching(start, scripted("urn x"))
    until(client, "ready")
    called(client, "pause", {"language": "cpp"})
    assert until(client, "ready")["message"] == "scripted-model is ready; paused in cpp"
    client.open("file:///a.cpp", "ret", "cpp")
    assert automatic(client, "ret", uri="file:///a.cpp") == []
    assert automatic(client) == ["urn x"]
    assert called(client, "resume", {"language": "python"}) == {"reason": "no pause holds"}
    assert called(client, "resume", {"language": "cpp"}) == {"reason": ""}


def test_a_pause_ends_by_itself(start: Start) -> None:
    client = watching(start, scripted("urn x"))
    until(client, "ready")
    called(client, "pause", {"seconds": 0.5})
    assert "paused until" in until(client, "paused")["message"]
    until(client, "ready")
    assert automatic(client) == ["urn x"]


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        ({"language": "cobol"}, "`language` must be one of python, "),
        ({"seconds": 0}, "`seconds` must be a number above 0"),
        ({"seconds": "long"}, "`seconds` must be a number above 0"),
        ({"hours": 1}, "`seconds` (for how long"),
    ],
)
def test_a_pause_that_is_none_is_told_with_what_to_write(start: Start, arguments: Json, advice: str) -> None:
    client = watching(start)
    refused = client.refusal("workspace/executeCommand", {"command": "phi-lsp.pause", "arguments": [arguments]})
    assert advice in refused.message


def test_with_everything_switched_off_that_is_the_state(start: Start) -> None:
    client = watching(start, options={"inline": False, "popup": False})
    assert "set `inline` or `popup` to true" in until(client, "off")["message"]


def test_a_model_that_is_not_used_gives_its_memory_back_and_is_there_for_the_next_request(start: Start) -> None:
    client = watching(start, scripted("urn"), options={"unloadMinutes": 0.005})
    rests = until(
        client, "ready", message="scripted-model was not needed and takes no memory now; the next request loads it"
    )
    assert client.status()["engine"]["processId"] is None
    assert rests["reason"] == ""
    assert found(client.call("textDocument/inlineCompletion", inline(TEXT)))
