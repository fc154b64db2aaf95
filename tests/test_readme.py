"""The README says what is so; ``python -m tests.test_readme`` writes the parts of it that are made from the code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lsp_server.cli.main import COMMANDS
from lsp_server.models import registry
from lsp_server.settings import Settings, applied, markdown_table
from tests.generated import Generated
from tests.pictures import MOST_BYTES, PICTURES

SETTINGS_TABLE = Generated(
    "README.md",
    markdown_table,
    "<!-- settings: made by `python -m tests.test_readme` -->\n",
    "<!-- end of settings -->",
)


ROOT = Path(__file__).parents[1]
_PICTURE = re.compile(r"!\[.+?\]\((.+?)\)")


@pytest.fixture
def readme() -> str:
    return SETTINGS_TABLE.read()


def test_the_settings_are_the_ones_there_are(readme: str):
    assert SETTINGS_TABLE.is_current(readme), "the table is old: run `python -m tests.test_readme`"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_mentioned(readme: str, command: str):
    assert f"`phi-lsp {command}" in readme


@pytest.mark.parametrize("model", registry.load(), ids=lambda model: model.name)
def test_every_model_is_mentioned_with_its_licence(readme: str, model: registry.Model):
    row = next((line for line in readme.splitlines() if any(f"`{name}`" in line for name in model.names)), "")
    assert row.startswith("| `")
    assert model.license in row
    assert ("(default)" in row) == model.is_default


def test_what_is_measured_of_models_is_what_their_rows_say(readme: str):
    told = set(re.findall(r"\d+\.\d (?=%)", readme.split("## Measured")[1]))
    measured = {share for model in registry.load() for share in model.measured.values()}
    assert measured
    assert {f"{share:.1f} " for share in measured} <= told


def test_every_setting_that_is_shown_as_json_is_accepted(readme: str):
    shown = re.findall(r'`(\{"\w+": .+?\}|"\w+": [^`]+)`', readme)
    assert shown
    for text in shown:
        settings, problems = applied(Settings(), json.loads(text if text.startswith("{") else f"{{{text}}}"))
        assert problems == []
        assert settings != Settings()


def test_it_opens_with_pictures_and_shows_every_one_there_is(readme: str):
    shown = [ROOT / path for path in _PICTURE.findall(readme)]
    opening = _PICTURE.findall(readme.split("\n## ", maxsplit=1)[0])
    assert [Path(path).stem for path in opening] == ["vscode-python", "vscode-cpp", "vscode-review"]
    assert sorted(shown) == sorted(PICTURES.iterdir())
    assert all(0 < path.stat().st_size < MOST_BYTES for path in shown)


if __name__ == "__main__":
    SETTINGS_TABLE.write()
