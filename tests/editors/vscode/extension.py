"""The extension as people get it: one ``.vsix`` with the server in it, built anew when a source is newer than it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock

from tests.editors.vscode.install import ROOT

SOURCE = ROOT / "editors" / "vscode"
PACKAGE = SOURCE / "dist" / "phi-lsp.vsix"
_MADE_FROM = ("package.json", "package-lock.json", "*.mjs", ".vscodeignore", "README.md", "src/**/*", "media/**/*")
_SERVER_MADE_FROM = ("pyproject.toml", "models.json", "README.md", "lsp_server/**/*")


def built() -> Path:
    """The package, up to date."""
    PACKAGE.parent.mkdir(exist_ok=True)
    # Tests run in several processes.
    with FileLock(PACKAGE.with_suffix(".lock")):
        if not (SOURCE / "node_modules").is_dir():
            _npm("ci")
        if not PACKAGE.exists() or PACKAGE.stat().st_mtime < max(path.stat().st_mtime for path in _sources()):
            _npm("run", "package")
    return PACKAGE


def _sources() -> Iterator[Path]:
    for folder, patterns in ((SOURCE, _MADE_FROM), (ROOT, _SERVER_MADE_FROM)):
        for path in (path for pattern in patterns for path in folder.glob(pattern)):
            if path.is_file() and path.suffix != ".pyc":
                yield path


def _npm(*arguments: str) -> None:
    environment = {**os.environ, "PYTHON": sys.executable}
    done = subprocess.run(("npm", *arguments), cwd=SOURCE, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"npm {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}"
