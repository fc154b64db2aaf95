"""Puts VS Code in the browser (code-server) where the tests look for it: ``python -m tests.editors.vscode.install``.

The package is meant to fetch binaries that a machine behind a package mirror cannot reach, so its own install script is
not run: what it does is done here, with Debian's ripgrep in place of a download. Running it again changes nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.editors import system

VERSION = "4.100.3"
SYSTEM_PACKAGES = (
    *("chromium", "ripgrep"),
    # What argon2 and the server's other native modules are built with.
    *("build-essential", "libkrb5-dev", "libsecret-1-dev", "libxkbfile-dev", "pkg-config"),
    # Text beyond Latin is seen, not boxes.
    *("fonts-dejavu-core", "fonts-noto-cjk", "fonts-noto-color-emoji"),
)
"""Debian's packages that the tests need; Node.js 20 comes before all of them."""

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / ".venv" / "editors" / "code-server"
PACKAGE = FOLDER / "node_modules" / "code-server"
VSCODE = PACKAGE / "lib" / "vscode"
ENTRY = PACKAGE / "out" / "node" / "entry.js"
DONE = FOLDER / f".installed-{VERSION}"
CHROMIUM = Path("/usr/bin/chromium")

_NATIVE = ("@vscode/deviceid", "@vscode/spdlog", "kerberos", "native-watchdog", "node-pty")
"""What of VS Code is compiled here; its other packages carry what they need, or fetch what is linked below."""

_LINKS: Mapping[str, str] = {
    "node_modules.asar": "node_modules",
    "bin/remote-cli/code-server": "code-linux.sh",
    "bin/helpers/browser.sh": "browser-linux.sh",
    "node_modules/@vscode/ripgrep/bin/rg": "/usr/bin/rg",
}
"""What the package's own script would link, relative to VS Code."""


def missing() -> str:
    """What must be done before the tests can run; empty when everything is there."""
    if not CHROMIUM.exists() or not DONE.exists() or shutil.which("node") is None:
        return "VS Code is not installed for the tests: run `python -m tests.editors.vscode.install`"
    return ""


def main() -> int:
    """Install what is missing."""
    system.provide(*SYSTEM_PACKAGES)
    if shutil.which("npm") is None:
        print("VS Code runs in Node.js: install release 20 or later with npm", file=sys.stderr)
        return 1
    if not DONE.exists():
        _install_code_server()
        DONE.touch()
    print(f"VS Code {VERSION} is in {FOLDER}")
    return 0


def _install_code_server() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    _npm("install", f"code-server@{VERSION}", "--ignore-scripts", "--no-package-lock", at=FOLDER)
    _npm("rebuild", "argon2", at=FOLDER)
    for folder in (VSCODE, VSCODE / "extensions"):
        _npm("install", "--omit=dev", "--ignore-scripts", at=folder)
    _npm("rebuild", *_NATIVE, at=VSCODE)
    for name, target in _LINKS.items():
        link = VSCODE / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(target)


def _npm(*arguments: str, at: Path, check: bool = True) -> None:
    _run("npm", *arguments, "--no-audit", "--no-fund", "--loglevel=error", at=at, check=check)


def _run(*command: str, at: Path | None = None, check: bool = True) -> None:
    print("$", *command, flush=True)
    # A package's own script may need another package, and nobody is there to be asked for it.
    subprocess.run(command, cwd=at, check=check, env={**os.environ, "npm_config_yes": "true"})


if __name__ == "__main__":
    sys.exit(main())
