"""What every command has in common."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from lsp_server import __version__
from lsp_server.cli.main import COMMANDS, parser_for
from lsp_server.settings import schema

if TYPE_CHECKING:
    from tests.cli.conftest import Run


def test_the_version_is_told(phi_lsp: Run):
    assert phi_lsp("--version").stdout == f"phi-lsp {__version__}\n"


def test_help_names_every_command_and_shows_examples(phi_lsp: Run):
    done = phi_lsp("--help")
    assert done.returncode == 0
    assert all(f"    {command} " in done.stdout for command in COMMANDS)
    assert "examples:" in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(phi_lsp: Run, command: str):
    done = phi_lsp(command, "--help")
    assert done.returncode == 0
    assert f"phi-lsp {command}" in done.stdout.split("examples:")[1]


@pytest.mark.parametrize(
    "words",
    [
        ("dance",),
        ("models",),
        ("models", "dance"),
        ("--dance",),
        ("--tcp",),
        ("--tcp", "66000"),
        ("--tcp", "-1"),
        ("--tcp", "http"),
        ("--host", "0.0.0.0"),
        ("--auto",),
        ("--log-level", "loud"),
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2_and_says_how_to_use_it(phi_lsp: Run, words: tuple[str, ...]):
    done = phi_lsp(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: phi-lsp" in done.stderr
    assert "error: " in done.stderr


def test_serving_is_the_default_and_stays_on_this_machine():
    options = parser_for([]).parse_args([])
    assert (options.tcp, options.host, options.auto_download, options.log_level) == (None, None, False, "info")


def test_nothing_heavy_is_imported_for_serving():
    script = (
        "import sys; from lsp_server.cli.main import parser_for; parser_for(['--tcp', '1'])\n"
        "print(sorted({'rich', 'numpy', 'llama_cpp', 'cattrs', 'psutil', 'tree_sitter'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_settings_are_printed_for_people_and_as_a_schema(phi_lsp: Run):
    assert json.loads(phi_lsp("settings", "--schema").stdout) == schema()
    shown = phi_lsp("settings").stdout
    assert all(key in shown for key in schema())
