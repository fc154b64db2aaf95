"""Debian's packages that tests of editors need on the machine itself."""

from __future__ import annotations

import os
import subprocess
import sys


def provide(*packages: str) -> None:
    """Install those that are missing; who may not do that is told what to run."""
    absent = [name for name in packages if not _is_installed(name)]
    if not absent:
        return
    install = ["apt-get", "-o", "DPkg::Lock::Timeout=600", "install", "-qy", "--no-install-recommends", *absent]
    if os.geteuid() != 0:
        sys.exit(f"first run as root: {' '.join(install)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-q"], install):
        subprocess.run(command, check=True, env=environment)


def _is_installed(name: str) -> bool:
    asked = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", name]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout == "installed"
    except FileNotFoundError:
        sys.exit("these editors are installed by Debian's package manager: run this on Debian")
