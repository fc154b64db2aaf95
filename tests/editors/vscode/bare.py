"""Files of the extension run by Node.js alone, with `bare_vscode.js` in place of VS Code: for what a window hides."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.editors.vscode.extension import SOURCE

_API = Path(__file__).with_name("bare_vscode.js")
_BUNDLER = SOURCE / "node_modules" / ".bin" / "esbuild"


def run(script: str, folder: Path, environment: Mapping[str, str], **vscode: Any) -> list[Any]:
    """What a script of TypeScript says, a JSON a line, that imports the extension's files as ``./name``."""
    node = shutil.which("node")
    if node is None or not _BUNDLER.exists():
        pytest.skip("the extension's packages are not installed: run `npm --prefix editors/vscode ci`")
    bundle = folder / "script.js"
    options = (
        "--bundle",
        "--platform=node",
        "--loader=ts",
        "--log-level=error",
        f"--alias:vscode={_API}",
        f"--outfile={bundle}",
    )
    # The script is a file of the extension's own folder as far as its imports go.
    subprocess.run((_BUNDLER, *options), input=script, cwd=SOURCE / "src", text=True, check=True)
    known = {"BARE_VSCODE": json.dumps(vscode), **environment}
    done = subprocess.run((node, bundle), env=known, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def program(path: Path, text: str = "exit 0") -> Path:
    """A program that can be run, as a script of the shell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


SYSTEM = os.pathsep.join(("/usr/bin", "/bin"))
