from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest

from lsp_server.core.dialogue import Dialogue
from lsp_server.core.formats import Format
from lsp_server.models import registry
from lsp_server.models.errors import RegistryError, UnknownModelError
from lsp_server.models.rows import HubSource, Model, ModelFile, PackageIndexSource, Serves, Sources
from tests.models.tiny import folder, gguf_file

ROWS = registry.shipped()
DOCUMENT = json.loads((Path(__file__).parents[2] / "models.json").read_text(encoding="utf-8"))
FIRST = DOCUMENT["models"][0] | DOCUMENT["families"][DOCUMENT["models"][0]["family"]]
"""The first row with what its family shares."""
KINDS = (Model, ModelFile, Sources, PackageIndexSource, HubSource, Format, Dialogue, Serves)
OPTIONAL = {key.name for kind in KINDS for key in fields(kind) if not key.default is key.default_factory is MISSING}


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside a JSON value."""
    for key, child in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from _paths(child, (*path, key))


def _reached(document: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        document = document[key]
    return document


def _refused(change: Any) -> str:
    """What the user is told about the first row after ``change``."""
    row = json.loads(json.dumps(FIRST))
    change(row)
    document = {"families": {FIRST["family"]: {}}, "models": [row]}
    with pytest.raises(RegistryError) as refusal:
        registry.parse(json.dumps(document))
    assert ROWS[0].name in str(refusal.value)
    return str(refusal.value)


@pytest.mark.parametrize("path", list(_paths(FIRST)), ids=lambda path: ".".join(map(str, path)))
def test_a_value_of_the_wrong_type_is_refused_anywhere_in_a_row(path: tuple[Any, ...]):
    def change(row: Any) -> None:
        number = path[0] in ("parameters", "measured") and path != ("measured",)
        _reached(row, path[:-1])[path[-1]] = "0.5" if number else 0.5

    if path == ("name",):
        with pytest.raises(RegistryError, match=r"0\.5"):
            registry.parse(json.dumps({"families": {FIRST["family"]: {}}, "models": [{**FIRST, "name": 0.5}]}))
    else:
        told = _refused(change)
        assert str(next(key for key in reversed(path) if isinstance(key, str))) in told


def _required() -> list[tuple[str, ...]]:
    """The way to every key that a row must have; a row need not have a format that serves nothing."""
    serving = ROWS[0].serves.formats.values()
    idle = [("formats", name) for name in ROWS[0].formats if name not in serving]
    paths = [path for path in _paths(FIRST) if isinstance(path[-1], str)]
    paths = [path for path in paths if path[0] != "measured"]
    return [path for path in paths if path[-1] not in {*OPTIONAL, "name"} and path not in idle]


@pytest.mark.parametrize("path", _required(), ids=lambda path: ".".join(map(str, path)))
def test_a_missing_key_is_refused_and_named(path: tuple[str, ...]):
    assert path[-1] in _refused(lambda row: _reached(row, path[:-1]).pop(path[-1]))


@pytest.mark.parametrize(
    "path",
    [(), *(path for path in _paths(FIRST) if isinstance(_reached(FIRST, path), dict))],
    ids=lambda path: ".".join(map(str, path)) or "row",
)
def test_an_unknown_key_is_refused_and_named_in_every_object(path: tuple[str, ...]):
    assert "surprise" in _refused(lambda row: _reached(row, path).update(surprise={"template": 1}))


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("files", 0, "sha256"), "ABC", "64 lower-case hexadecimal digits"),
        (("files", 0, "bytes"), -1, "not below 0"),
        (("context_tokens",), -1, "above 0"),
        (("serves", "body"), "poem", "`serves.body` names the format `poem`"),
        (("sources", "package_index", "packages"), [], "needs `packages`"),
        (("sources", "package_index", "packages", 0), "requests", "name==version"),
        (("sources", "package_index", "packages", 0), "--index-url=elsewhere==1", "name==version"),
        (("stops",), "abc", "not a list"),
        (("family",), "cats", "there is no `family` 'cats'"),
        (("engine",), "steam", "`engine` is one of llama, transformers"),
        (("files",), [], "for the engine llama it is one"),
        (("files", 0, "name"), "*.gguf", "has neither `bytes` nor `sha256`"),
        (("files",), [{"name": "*.gguf"}], "for the engine llama it is one"),
        (("tasks",), ["complete", "sing"], "not sing"),
        (("parameters",), "many", "is not a number"),
        (("gated",), 1, "not of type bool"),
        (("serves", "ask"), "poem", "`serves.ask` names the dialogue `poem`"),
        (("serves", "ask"), "", "`tasks` has `ask`"),
        (("dialogues", "chatml", "turn"), "{answer}{request}", "{request} and, after it, {answer}"),
        (("dialogues", "chatml", "turn"), "{request}", "{request} and, after it, {answer}"),
        (("dialogues", "chatml", "turn"), "{request}{answer}{system}", "{request} and, after it, {answer}"),
        (("dialogues", "chatml", "system"), "", "a text `system` for it"),
        (("dialogues", "chatml", "opening"), "{request}", "no other slot"),
        (("dialogues", "chatml", "plain"), True, "`marks` belong to a dialogue that is `plain`"),
        (("dialogues", "chatml", "marks"), ["User:"], "`marks` belong to a dialogue that is `plain`"),
    ],
)
def test_a_bad_value_is_refused_with_what_it_must_be(path: tuple[Any, ...], value: Any, told: str):
    def change(row: Any) -> None:
        _reached(row, path[:-1])[path[-1]] = value

    assert told in _refused(change)


def test_a_name_given_twice_is_refused_with_both_rows():
    document = json.loads(json.dumps(DOCUMENT))
    document["models"][1]["aliases"].append(document["models"][0]["name"])
    with pytest.raises(RegistryError) as refusal:
        registry.parse(json.dumps(document))
    assert ROWS[0].name in str(refusal.value)
    assert ROWS[1].name in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "7", '{"families": {}, "models": [3]}', '{"families": {}, "models": 3}', '{"models": []}', "{"],
)
def test_a_file_that_is_no_list_of_rows_is_refused(text: str):
    with pytest.raises(RegistryError, match=r"models\.json"):
        registry.parse(text)


@pytest.mark.parametrize(
    ("name", "meant"),
    [("gpt", "use gpt2, one of"), ("qwen2.5-coder-0,5b", "use qwen2.5-coder-0.5b or"), ("§", "use one of")],
)
def test_an_unknown_name_is_answered_with_those_that_are_alike(name: str, meant: str):
    with pytest.raises(UnknownModelError, match=re.escape(meant)):
        registry.find(name)


def test_a_file_with_a_known_name_gets_that_rows_formats_but_not_its_hash(tmp_path: Path):
    path = tmp_path / ROWS[0].file.name
    path.write_bytes(b"GGUF")
    model = registry.find(str(path))
    assert model.formats == ROWS[0].formats
    assert (model.file.name, model.file.bytes, model.file.sha256) == (str(path), 4, "")


def test_any_other_file_gets_a_row_of_what_it_says_of_itself(tmp_path: Path):
    model = registry.find(str(gguf_file(tmp_path / "mine.gguf")))
    assert (model.name, model.architecture, model.context_tokens) == ("mine", "llama", 4096)
    assert set(model.formats) == {"code"}


def test_a_folder_can_be_named_too(tmp_path: Path):
    model = registry.find(str(folder(tmp_path / "tiny")))
    assert (model.name, model.engine) == ("tiny", "transformers")


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(UnknownModelError, match=r"no file .*absent\.gguf"):
        registry.find(str(tmp_path / "absent.gguf"))
