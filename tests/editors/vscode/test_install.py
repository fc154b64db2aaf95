"""Installations of the server that fail say why, in words that help, and leave nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import lsp_server
from tests.editors.vscode.bare import SYSTEM, program, run

SCRIPT = """
import { installServer } from './install';
const log = { info: () => undefined, show: () => undefined } as never;
const folder = (name: string) => ({ fsPath: process.env[name] });
const places = { storage: folder('STORAGE'), extension: folder('EXTENSION') } as never;
const tell = (installed: boolean) => { console.log(JSON.stringify({ installed })); };
for (let times = 0; times < Number(process.env['TIMES']); times += 1) {
  void installServer(places, log).then(tell);
}
"""

PYTHON = """
echo "$@" >> {calls}
case "$2" in
  venv) mkdir -p "$4/bin"; cp "$0" "$4/bin/python";;
  pip) cat <<'SAID'
{said}
SAID
exit {status};;
esac
"""
"""A Python whose pip says what it is told to."""

FULL = """  Building wheel for llama-cpp-python (pyproject.toml): finished with status 'error'
  error: subprocess-exited-with-error
  c++: fatal error: /tmp/x.s: No space left on device
ERROR: Failed building wheel for llama-cpp-python"""
RETRYING = "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError': Failed to connect\n"
UNREACHABLE = f"""{RETRYING}\
ERROR: Could not find a version that satisfies the requirement llama-cpp-python<0.4,>=0.3.36 (from versions: none)
ERROR: No matching distribution found for llama-cpp-python<0.4,>=0.3.36"""
WITHOUT_COMPILER = f"""{RETRYING}\
  CMake Error: CMAKE_CXX_COMPILER not set, after EnableLanguage
ERROR: Failed building wheel for llama-cpp-python
ERROR: Could not build wheels for llama-cpp-python, which is required to install pyproject.toml-based projects"""


def installation(
    home: Path, times: int = 1, settings: Mapping[str, str] | None = None, **environment: str
) -> list[Any]:
    """What is told of one, or several at once, on a machine whose own Python is in the folder `pythons`."""
    known = {"PATH": f"{home / 'pythons'}:{SYSTEM}", "HOME": str(home), "TIMES": str(times)}
    folders = {"STORAGE": str(home / "storage"), "EXTENSION": str(home / "extension")}
    return run(SCRIPT, home, known | folders | environment, settings=settings or {})


def saying(home: Path, said: str, status: int = 1) -> None:
    """Give the machine a Python whose pip says that."""
    program(home / "pythons" / "python3", PYTHON.format(calls=home / "calls", said=said, status=status))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (FULL, "the disk is full: make room"),
        (UNREACHABLE, "check the network and the setting phi-lsp.installFrom"),
        (WITHOUT_COMPILER, "install a C and C++ compiler"),
        ("/usr/bin/python3: No module named pip", "python3-venv"),
    ],
    ids=["disk", "network", "compiler", "pip"],
)
def test_a_failure_is_told_by_its_cause_with_what_to_do(tmp_path: Path, said: str, told: str):
    saying(tmp_path, said)
    message, outcome = installation(tmp_path)
    assert message["message"].startswith("phi-lsp was not installed: ")
    assert told in message["message"]
    assert outcome == {"installed": False}
    assert not (tmp_path / "storage" / "server").exists()


def test_without_a_network_the_real_pip_leads_to_the_network(tmp_path: Path):
    program(tmp_path / "pythons" / "python3", f'exec {sys.executable} "$@"')
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}
    message, _ = installation(tmp_path, settings={"installFrom": "phi-lsp"}, **nowhere)
    assert "check the network" in message["message"]


def test_a_python_that_is_too_old_is_none(tmp_path: Path):
    for name in ("python3", "python3.13", "python3.12", "python3.11", "python"):
        program(tmp_path / "pythons" / name, "exit 1")
    message, _ = installation(tmp_path)
    assert "Python 3.11 or later was not found: install it" in message["message"]


def test_two_installations_at_once_are_one_and_it_installs_what_the_extension_carries(tmp_path: Path):
    saying(tmp_path, "", status=0)
    assert installation(tmp_path, times=2) == [{"installed": True}] * 2
    calls = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()
    assert len([call for call in calls if "venv --clear" in call]) == 1
    wheel = f"phi_lsp-{lsp_server.__version__}-py3-none-any.whl"
    [pip] = [call for call in calls if "pip install" in call]
    assert pip.split()[-1] == str(tmp_path / "extension" / "dist" / "server" / wheel)


def test_what_is_installed_is_replaced_though_its_version_may_be_the_same(tmp_path: Path):
    saying(tmp_path, "", status=0)
    installation(tmp_path)
    program(tmp_path / "storage" / "server" / "bin" / "phi-lsp")
    (tmp_path / "calls").unlink()
    assert installation(tmp_path) == [{"installed": True}]
    update, replacement = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()[1:]
    assert "--upgrade" in update
    assert "--force-reinstall --no-deps" in replacement


def test_while_another_window_installs_it_nothing_is_touched(tmp_path: Path):
    saying(tmp_path, "", status=0)
    lock = tmp_path / "storage" / "server.lock"
    lock.parent.mkdir()
    lock.write_text(str(os.getpid()))
    message, outcome = installation(tmp_path)
    assert "another window is installing it" in message["message"]
    assert outcome == {"installed": False}
    assert not (tmp_path / "calls").exists()


def test_a_window_that_was_closed_meanwhile_keeps_nobody_from_installing(tmp_path: Path):
    saying(tmp_path, "", status=0)
    ended = subprocess.Popen(["true"])
    ended.wait()
    lock = tmp_path / "storage" / "server.lock"
    lock.parent.mkdir()
    lock.write_text(str(ended.pid))
    assert installation(tmp_path) == [{"installed": True}]
    assert not lock.exists()
