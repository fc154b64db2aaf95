from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from lsp_server.settings import Settings, applied, key_of, markdown_table, section_of
from tests.server.client import Json
from tests.server.conftest import Start

DEFAULTS = Settings()


def test_good_settings_are_applied_and_nothing_is_said() -> None:
    sent = {"maxTokens": 9, "excludedLanguages": ["c"], "deadlineSeconds": 3, "model": "m.gguf", "autoDownload": True}
    settings, problems = applied(DEFAULTS, sent)
    assert problems == []
    assert settings == Settings("m.gguf", True, excluded_languages=("c",), max_tokens=9, deadline_seconds=3.0)


@pytest.mark.parametrize(
    ("key", "value", "advice"),
    [
        ("maxTokns", 5, "did you mean `maxTokens`?"),
        ("max_tokens", 5, "did you mean `maxTokens`?"),
        ("MAXTOKENS", 5, "did you mean `maxTokens`?"),
        ("zzz", 5, "known are `model`"),
        ("maxTokens", "many", "a whole number from 1 to 4096"),
        ("maxTokens", True, "a whole number from 1 to 4096"),
        ("maxTokens", 0, "a whole number from 1 to 4096"),
        ("maxTokens", 1.5, "a whole number from 1 to 4096"),
        ("deadlineSeconds", None, "a number from 0.1 to 600"),
        ("deadlineSeconds", float("nan"), "a number from 0.1 to 600"),
        ("model", " ", "a text that is not empty"),
        ("inline", 1, "true or false"),
        ("excludedLanguages", "c", "a list of texts"),
        ("excludedLanguages", [1], "a list of texts"),
        ("gpuLayers", -2, "a whole number from -1 to 999"),
        ("flashAttention", True, '"auto", "on", "off"'),
        ("kvCacheType", "q3", '"f16", "q8_0", "q4_0"'),
        ("loraAdapters", "style.gguf", 'a list of files such as ["style.gguf", "sql.gguf@0.5"]'),
        ("loraAdapters", [""], "a list of files"),
        ("modelSources", ["hub", "index"], '"hub", "modelscope", "package_index"'),
        ("modelSources", [], "a list of sources"),
        ("modelSources", "hub", "a list of sources"),
        ("logLevel", "loud", '"error", "warning", "info", "debug"'),
    ],
)
def test_a_mistake_is_told_with_what_to_write_and_costs_only_itself(key: str, value: Any, advice: str) -> None:
    settings, problems = applied(DEFAULTS, {key: value, "threads": 2})
    assert settings == Settings(threads=2)
    (problem,) = problems
    assert key in problem
    assert advice in problem


def test_an_adapter_is_a_file_and_how_strongly_it_counts() -> None:
    settings, _ = applied(DEFAULTS, {"loraAdapters": ["a.gguf", "b@c.gguf@0.5", "d.gguf@-1"]})
    assert settings.lora_adapters == (("a.gguf", 1.0), ("b@c.gguf", 0.5), ("d.gguf", -1.0))


def test_sources_are_names_and_folders_in_the_users_order() -> None:
    wanted = ["/mnt/models", "package_index", "~/models", "hub", "./here", "C:\\models"]
    settings, problems = applied(DEFAULTS, {"modelSources": wanted})
    assert (settings.model_sources, problems) == (tuple(wanted), [])


@pytest.mark.parametrize("sent", [5, "text", [], [1], True])
def test_what_is_no_object_is_told(sent: Json) -> None:
    settings, (problem,) = applied(DEFAULTS, sent)
    assert settings == DEFAULTS
    assert "write an object" in problem


def test_our_section_is_found_and_those_of_other_servers_are_left_alone() -> None:
    assert section_of({"phi-lsp": {"threads": 1}, "other": {"a": 1}}) == {"threads": 1}
    assert applied(DEFAULTS, {"pylsp": {"plugins": {}}, "threads": 1}) == (Settings(threads=1), [])
    assert applied(DEFAULTS, None) == (DEFAULTS, [])
    assert applied(DEFAULTS, {"phi-lsp": None}) == (DEFAULTS, [])


def test_every_setting_is_documented_and_accepts_its_own_default() -> None:
    table = markdown_table()
    for row in fields(Settings):
        assert f"| `{key_of(row.name)}` |" in table
        assert len(row.metadata["text"]) > 20
        default = list(row.default) if isinstance(row.default, tuple) else row.default
        assert applied(DEFAULTS, {key_of(row.name): default}) == (DEFAULTS, [])


def test_mistakes_are_shown_once_and_the_server_stays_up(start: Start) -> None:
    client = start()
    client.initialize(options={"maxTokns": 5, "threads": "two"})
    for _ in range(2):
        client.notify("workspace/didChangeConfiguration", {"settings": {"phi-lsp": {"maxTokns": 5}}})
    client.status()
    shown = [message["message"] for message in client.taken_all("window/showMessage")]
    assert len(shown) == 2
    assert "did you mean `maxTokens`?" in shown[0]
    assert "`threads`: write a whole number" in shown[1]


def test_a_mistake_that_was_mended_is_told_when_it_is_made_again(start: Start) -> None:
    client = start()
    client.initialize()
    for threads in (2, "two", "two", 2, "two", "three"):
        client.notify("workspace/didChangeConfiguration", {"settings": {"phi-lsp": {"threads": threads}}})
    client.status()
    shown = [message["message"] for message in client.taken_all("window/showMessage")]
    assert [next(word for word in ("two", "three") if word in text) for text in shown] == ["two", "two", "three"]


def test_the_configuration_is_asked_for_where_the_editor_can_tell_it(start: Start) -> None:
    asked: list[Json] = []

    def tell(params: Json) -> Json:
        asked.append(params)
        return [{"inline": False}]

    client = start(client={"answers": {"workspace/configuration": tell}})
    client.initialize({"workspace": {"configuration": True}})
    client.notify("workspace/didChangeConfiguration", {"settings": None})
    client.when(lambda _: len(asked) == 2)
    assert asked[0] == {"items": [{"section": "phi-lsp"}]}


@pytest.mark.parametrize("answer", [[], [5], None, {"no": "list"}])
def test_an_odd_answer_to_that_does_no_harm(start: Start, answer: Json) -> None:
    client = start(
        client={
            "answers": {"workspace/configuration": lambda _: answer},
            "ignored": ("window/showMessage", "window/logMessage"),
        }
    )
    client.initialize({"workspace": {"configuration": True}})
    client.when(lambda status: status["model"]["state"] == "ready")
