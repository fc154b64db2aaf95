"""The settings of every editor are the server's; ``python -m tests.test_editor_settings`` writes them.

A file that repeats settings has a row in `ROWS`; what is compared and written is what its function renders.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from lsp_server.settings import SECTION, Settings, applied, schema
from tests.editors.nvim.settings_help import SETTINGS_HELP
from tests.generated import Generated
from tests.test_readme import SETTINGS_TABLE

EDITORS = Path(__file__).parents[1] / "editors"
OTHERWISE_IN_VSCODE = {"popup": False}
"""Defaults that differ there: it shows ghost text, and a popup would show the same a second time."""


def vscode_properties() -> dict[str, Any]:
    """The settings as VS Code has them: with the section's name, and descriptions in Markdown."""
    return {
        f"{SECTION}.{key}": {
            name if name != "description" else "markdownDescription": OTHERWISE_IN_VSCODE.get(key, value)
            if name == "default"
            else value
            for name, value in row.items()
        }
        for key, row in schema().items()
    }


VSCODE_SETTINGS = Generated(
    "editors/vscode/package.json", vscode_properties, pointer="/contributes/configuration/1/properties"
)

ROWS: tuple[Generated, ...] = (SETTINGS_TABLE, SETTINGS_HELP, VSCODE_SETTINGS)
"""A row for each file."""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.path)
def test_the_settings_are_those_of_the_server(row: Generated) -> None:
    assert row.is_current(row.read()), "it is old: run `python -m tests.test_editor_settings`"


# What editors' own files set

SET = {
    "helix/languages.toml": r"^config = \{(.+)\}$",
    "vim/phi-lsp.vim": r"initialization_options: \{(.+)\}",
    "emacs/phi-lsp-eglot.el": r"phi-lsp-settings '\((.+)\)",
    "emacs/phi-lsp-lsp-mode.el": r"phi-lsp-settings '\((.+)\)",
    "sublime/LSP.sublime-settings": r'"initializationOptions": \{(.+)\}',
    "zed/settings.json": r'"initialization_options": \{(.+)\}',
    "jetbrains/phi-lsp/initializationOptions.json": r"^\{(.+)\}$",
    "nvim/lsp/phi_lsp.lua": r"settings = \{ \['phi-lsp'\] = vim\.empty_dict\(()\) \}",
}
"""Of each file the place with settings; Neovim's are the server's defaults."""


@pytest.mark.parametrize("path", SET)
def test_an_editors_own_file_sets_what_the_server_knows(path: str) -> None:
    (told,) = re.findall(SET[path], (EDITORS / path).read_text(), re.MULTILINE)
    given = {key: json.loads(value) for key, value in re.findall(r"(\w+)\W+([\w.]+)", told)}
    assert bool(given) == bool(told)
    assert applied(Settings(), given)[1] == []


# The schema


def sent(value: Any) -> Any:
    return {"type": "object", "properties": schema(), "additionalProperties": False}, value


def test_the_schema_is_one_and_takes_every_default() -> None:
    whole, defaults = sent({key: row["default"] for key, row in schema().items()})
    jsonschema.Draft202012Validator.check_schema(whole)
    jsonschema.validate(defaults, whole)
    assert applied(Settings(), defaults) == (Settings(), [])


VALUES: list[Any] = [
    True, 0, 1, -1, 0.5, 4097, "", " ", "auto", "cautious", "x@y", "https://gpu.example/v1", "https://a:b@c", "ftp://x",
    [], ["hub"], ["a.gguf@0.5"], [1], {}, {"m": "http://localhost/v1"}, {"m": 1}, None,
]  # fmt: skip
STRICTER_HERE = {"modelSources", "loraAdapters", "remote"}
"""Settings of which the server knows more than a schema says."""


@pytest.mark.parametrize("key", schema())
def test_the_schema_takes_what_the_server_takes(key: str) -> None:
    for value in VALUES:
        _, problems = applied(Settings(), {key: value})
        fits = jsonschema.Draft202012Validator(schema()[key]).is_valid(value)
        assert fits == (not problems) or (fits and key in STRICTER_HERE), value


@pytest.mark.parametrize("key", schema())
def test_every_setting_is_described_with_its_type(key: str) -> None:
    row = schema()[key]
    assert {"type", "default", "description"} <= set(row)
    assert len(row["description"]) > 20


# The rows' own machinery

TEXT = Generated("a.txt", lambda: "new\n", "begin\n", "end\n")
MEMBER = Generated("a.json", vscode_properties, pointer="/contributes/0/properties")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text("above\nbegin\nold\nend\nbelow\n")
    (tmp_path / "a.json").write_text(
        '{\n\t"name": "x",\n\t"contributes": [{"properties": {"old": 1}, "title": "é"}]\n}\n'
    )
    return tmp_path


def test_text_is_written_between_its_marks_and_compared(root: Path) -> None:
    assert not TEXT.is_current(TEXT.read(root))
    TEXT.write(root)
    assert TEXT.read(root) == "above\nbegin\nnew\nend\nbelow\n"
    assert TEXT.is_current(TEXT.read(root))


def test_a_member_of_json_is_written_in_the_files_own_indentation_and_compared(root: Path) -> None:
    assert not MEMBER.is_current(MEMBER.read(root))
    MEMBER.write(root)
    text = MEMBER.read(root)
    assert text.startswith('{\n\t"name": "x",\n\t"contributes": [\n\t\t{')
    assert json.loads(text)["contributes"][0] == {"properties": vscode_properties(), "title": "é"}
    assert '"title": "é"' in text
    assert MEMBER.is_current(text)
    assert not MEMBER.is_current(text.replace('"default": 256', '"default": 257'))


@pytest.mark.parametrize("text", ["no marks", "begin\nend\nbegin\nend\n"])
def test_marks_that_do_not_stand_there_once_are_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="unpack"):
        TEXT.refreshed(text)


if __name__ == "__main__":
    for row in ROWS:
        row.write()
