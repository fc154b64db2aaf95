"""Programs of a Debian release that is newer than this machine, unpacked into a folder and run from there.

apt resolves the packages as for an empty machine, so that everything they need comes along, down to the C library.
Nothing is installed: the machine's own packages stay as they are, nobody need be root, and the folder can be deleted.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

_STAMP = ".unpacked"


class NotUnpacked(Exception):  # noqa: N818 - named as what is told to the developer
    """The packages cannot be had; the text says what to do."""


def unpack(packages: Sequence[str], release: str, folder: Path) -> None:
    """Have what ``packages`` of ``release`` need in ``folder``; nothing is done where it is there already."""
    if is_unpacked(packages, release, folder):
        return
    if shutil.which("apt-get") is None:
        raise NotUnpacked("these tests take their editors from Debian's packages: run them where apt-get is")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with TemporaryDirectory() as scratch:
        for archive in _archives(packages, release, Path(scratch)):
            _run("dpkg-deb", "--extract", str(archive), str(folder))
    (folder / _STAMP).write_text(_wanted(packages, release))


def is_unpacked(packages: Sequence[str], release: str, folder: Path) -> bool:
    """Whether ``folder`` holds just that."""
    stamp = folder / _STAMP
    return stamp.is_file() and stamp.read_text() == _wanted(packages, release)


def _wanted(packages: Sequence[str], release: str) -> str:
    return f"{release}: {' '.join(sorted(packages))}\n"


def command(folder: Path, program: str) -> list[str]:
    """The command line that runs ``program``, a path within ``folder`` such as ``usr/bin/nvim``.

    Its own loader starts it with its own libraries. What the program starts in turn runs with the machine's.
    """
    root = folder.resolve()
    loader = next(iter(sorted(root.glob(f"usr/lib/{platform.machine()}-linux-gnu/ld-linux*.so.*"))), None)
    if loader is None or not (root / program).is_file():
        raise NotUnpacked(f"{program} is not in {folder}")
    return [str(loader), "--library-path", str(loader.parent), str(root / program)]


def _archives(packages: Sequence[str], release: str, scratch: Path) -> list[Path]:
    """The packages and all that they depend on, as files."""
    for name in ("lists/partial", "cache/archives/partial"):
        (scratch / name).mkdir(parents=True)
    # An empty list of installed packages: nothing of this machine's is relied upon.
    (scratch / "status").touch()
    (scratch / "sources").write_text(f"deb {_mirror()} {release} main\n")
    configuration = scratch / "apt.conf"
    configuration.write_text(
        f'Dir::State::lists "{scratch}/lists";\n'
        f'Dir::State::status "{scratch}/status";\n'
        f'Dir::State::extended_states "{scratch}/extended_states";\n'
        f'Dir::Cache "{scratch}/cache";\n'
        f'Dir::Etc::SourceList "{scratch}/sources";\n'
        'Dir::Etc::SourceParts "/dev/null";\n'
        'APT::Sandbox::User "";\n'
    )
    _run("apt-get", "update", APT_CONFIG=str(configuration))
    download = ("apt-get", "install", "--yes", "--download-only", "--no-install-recommends", *packages)
    _run(*download, APT_CONFIG=str(configuration))
    return sorted(scratch.glob("cache/archives/*.deb"))


def _mirror() -> str:
    """The address that this machine has its own Debian packages from."""
    told = _run("apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Identifier: Packages")
    codename = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    for line in told.splitlines():
        address, release, component = line.split()
        if (release, component) == (codename, "main"):
            return address
    raise NotUnpacked(f"apt's sources have no `{codename} main`: run this on Debian")


def _run(*line: str, **environment: str) -> str:
    done = subprocess.run(
        line, env={**os.environ, **environment}, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        raise NotUnpacked(f"`{' '.join(line[:2])}` failed: {(done.stderr or done.stdout).strip()[-500:]}")
    return done.stdout
