from __future__ import annotations

from typing import Any

from tests.server.client import Client, Json
from tests.server.conftest import URI, Start, inline, scripted

BARS = {"window": {"workDoneProgress": True}}


def absent(start: Start, answer: str | None = None, capabilities: Json = None, **wish: Any) -> Client:
    """A server whose model is not there, and a user who presses ``answer``."""
    questions: list[Json] = []

    def press(question: Json) -> Json:
        questions.append(question)
        return {"title": answer} if answer else None

    answers = {"window/showMessageRequest": press, "window/workDoneProgress/create": lambda _: None}
    client = start(scripted("urn x"), present=False, client={"answers": answers}, **wish)
    client.initialize(capabilities)
    client.open(URI, "ret")
    client.questions = questions
    return client


def reason(client: Client) -> str:
    """Why a completion is empty now."""
    assert client.call("textDocument/inlineCompletion", inline("ret")) == {"items": []}
    return str(client.status()["lastRequest"]["reason"])


def state(client: Client, wanted: str) -> None:
    client.when(lambda status: wanted in status["model"]["state"])


def progress(client: Client) -> list[Json]:
    return [sent["value"] for sent in client.taken_all("$/progress")]


def test_a_missing_model_is_offered_with_its_name_size_and_licence(start: Start) -> None:
    client = absent(start, "Not now")
    state(client, "models pull")
    (question,) = client.questions
    assert all(told in question["message"] for told in ("scripted-model", "123 MB", "Apache-2.0"))
    assert [action["title"] for action in question["actions"]] == ["Download", "Not now"]
    assert "run `phi-lsp models pull scripted-model`" in reason(client)


def test_closing_the_question_is_no_consent(start: Start) -> None:
    client = absent(start, None)
    state(client, "models pull")
    assert "not downloaded" in reason(client)


def test_a_download_that_is_agreed_to_shows_its_progress_and_serves(start: Start) -> None:
    client = absent(start, "Download", BARS, pull_delay=0.02)
    state(client, "ready")
    bar = progress(client)
    assert [value["kind"] for value in bar] == ["begin", *["report"] * (len(bar) - 2), "end"]
    percents = [value["percentage"] for value in bar if value["kind"] == "report"]
    assert percents == sorted(percents)
    assert {20, 40, 60, 80} <= set(percents)
    assert {value["message"] for value in bar if value["kind"] == "report"} == {"downloading, 5.0 MB/s"}
    assert bar[0]["cancellable"] is True
    assert client.call("textDocument/inlineCompletion", inline("ret"))["items"][0]["insertText"] == "urn x"


def test_nothing_is_asked_when_downloads_are_agreed_to_beforehand(start: Start) -> None:
    client = absent(start, auto_download=True)
    state(client, "ready")
    assert client.questions == []


def test_the_setting_agrees_too_also_later(start: Start) -> None:
    client = absent(start, "Not now")
    state(client, "models pull")
    client.notify("workspace/didChangeConfiguration", {"settings": {"phi-lsp": {"autoDownload": True}}})
    state(client, "ready")


def test_an_editor_without_progress_bars_is_sent_none(start: Start) -> None:
    client = absent(start, "Download")
    state(client, "ready")
    assert progress(client) == []


def test_while_it_downloads_the_reason_of_an_empty_answer_tells_how_far_it_is(start: Start) -> None:
    client = absent(start, auto_download=True, pull_steps=100, pull_delay=0.05)
    state(client, "downloading 2 %")
    assert "no model: downloading" in reason(client)


def test_cancelling_the_progress_bar_stops_the_download(start: Start) -> None:
    client = absent(start, "Download", BARS, pull_steps=100, pull_delay=1.0)
    token = client.take("$/progress")["token"]
    client.notify("window/workDoneProgress/cancel", {"token": token})
    state(client, "cancelled")
    assert progress(client)[-1]["kind"] == "end"
    assert "cancelled" in reason(client)


def test_shutdown_stops_the_download(start: Start) -> None:
    client = absent(start, auto_download=True, pull_steps=100, pull_delay=1.0)
    state(client, "downloading")
    client.close()


def test_an_unknown_model_is_told_with_what_to_use_instead(start: Start) -> None:
    client = start()
    client.initialize(options={"model": "unheard-of"})
    assert client.take("window/showMessage")["message"] == "phi-lsp: there is no model `unheard-of`; use scripted-model"
    client.notify("workspace/didChangeConfiguration", {"settings": {"model": "default"}})
    state(client, "ready")


def test_offline_no_download_is_offered(start: Start) -> None:
    client = start(scripted("urn x"), present=False, auto_download=True)
    client.initialize(options={"offline": True})
    client.open(URI, "ret")
    state(client, "not downloaded")
    assert "not downloaded" in client.take("window/showMessage")["message"]
    assert progress(client) == []
    client.notify("workspace/didChangeConfiguration", {"settings": {"offline": False}})
    state(client, "ready")
