"""The extension as people get it: one ``.vsix``, built anew when a source is newer than it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.editors.vscode.install import ROOT

SOURCE = ROOT / "editors" / "vscode"
PACKAGE = SOURCE / "dist" / "phi-lsp.vsix"
_MADE_FROM = ("package.json", "package-lock.json", "esbuild.mjs", "README.md", "src/**/*", "media/**/*")


def built() -> Path:
    """The package, up to date."""
    if not (SOURCE / "node_modules").is_dir():
        _npm("ci")
    if not PACKAGE.exists() or PACKAGE.stat().st_mtime < _newest():
        _npm("run", "package")
    return PACKAGE


def _newest() -> float:
    files = (path for pattern in _MADE_FROM for path in SOURCE.glob(pattern) if path.is_file())
    return max(path.stat().st_mtime for path in files)


def _npm(*arguments: str) -> None:
    done = subprocess.run(("npm", *arguments), cwd=SOURCE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"npm {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}"
