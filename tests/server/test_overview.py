"""What an editor can show in a menu: the models there are, and the settings in force."""

from __future__ import annotations

from lsp_server.models import registry
from lsp_server.settings import Settings, in_force, schema
from tests.server.conftest import Start

MEMBERS = {"name": str, "bytes": int, "license": str, "here": bool, "fits": bool, "current": bool, "about": str}


def test_all_models_are_told_with_what_decides_between_them(start: Start) -> None:
    client = start()
    client.initialize()
    rows = client.call("phi-lsp/models")["models"]
    assert [row["name"] for row in rows][: len(registry.load())] == [row.name for row in registry.load()]
    for row in rows:
        assert {name: type(value) for name, value in row.items()} == MEMBERS
        assert row["about"]
        assert row["bytes"] > 0
    default = next(row for row in rows if row["name"] == registry.find().name)
    assert default["license"] == "Apache-2.0"
    assert "completes code" in default["about"]


def test_the_settings_in_force_are_told_as_an_editor_would_send_them(start: Start) -> None:
    client = start()
    sent = {
        "threads": 2,
        "loraAdapters": ["a.gguf", "b.gguf@0.5"],
        "remote": {"x": "http://localhost/v1"},
        "maxTokens": 0,
    }
    client.initialize(options=sent)
    told = {row["key"]: row for row in client.call("phi-lsp/settings")["settings"]}
    assert set(told) == set(schema())
    assert {key: told[key]["value"] for key in sent} == {**sent, "maxTokens": 256}
    assert told["threads"]["default"] == 0
    assert all(row["text"] == schema()[key]["description"] for key, row in told.items())
    client.take("window/showMessage")


def test_the_values_in_force_are_the_defaults_at_first() -> None:
    assert all(row["value"] == row["default"] for row in in_force(Settings()))
