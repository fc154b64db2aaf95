"""The command as a user runs it: in a process of its own, with an empty store."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where the command keeps its models."""
    return tmp_path / "home"


@pytest.fixture
def phi_lsp(home: Path) -> Run:
    """Run ``python -m lsp_server`` with these words; ``typed`` is piped in, ``environment`` added to our own."""

    def run(*words: str, typed: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "lsp_server", *words],
            env={**os.environ, "PHI_LSP_HOME": str(home), **environment},
            input=typed,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def placed(home: Path) -> Callable[[Path], Path]:
    """Put a real model's file into the command's store, without its record of having been verified."""

    def place(model: Path) -> Path:
        path = home / "models" / model.name
        path.parent.mkdir(parents=True)
        path.symlink_to(model)
        return path

    return place
