"""The benchmarks can be named and asked; what they find is not tested here."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest

from tests.benchmarks import __main__ as benchmarks
from tests.benchmarks.datasets import DATASETS


@pytest.mark.parametrize("name", benchmarks.BENCHMARKS)
def test_every_name_is_a_benchmark_with_options_of_its_own(name: str, monkeypatch, capsys):
    assert import_module(f"tests.benchmarks.{name}").main
    monkeypatch.setattr(sys, "argv", ["benchmarks", name, "--help"])
    with pytest.raises(SystemExit) as ended:
        benchmarks.main()
    assert ended.value.code == 0
    assert "--json" in capsys.readouterr().out


def test_the_quick_subset_has_every_dataset_where_the_data_is(tmp_path: Path):
    steps = list(benchmarks.steps(tmp_path, "default"))
    assert [step.name for step in steps] == ["truncation", *DATASETS, "responsiveness"]
    assert all(step.benchmark in benchmarks.BENCHMARKS for step in steps)


def test_without_the_data_the_rest_is_run_and_what_to_set_is_said(tmp_path: Path, monkeypatch, capsys):
    ran: list[list[str]] = []

    class Done:
        returncode = 0

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(benchmarks.subprocess, "run", lambda command, check: ran.append(command) or Done())
    assert benchmarks.quick(["--data", "nowhere"]) == 0
    assert [command[2] for command in ran] == ["tests.benchmarks.truncation", "tests.benchmarks.responsiveness"]
    assert "there is no folder nowhere; name it with --data" in capsys.readouterr().out
