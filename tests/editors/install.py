"""Installs every editor that tests drive, for Debian: ``python -m tests.editors.install``. Again, it does nothing."""

from __future__ import annotations

import sys

from tests.editors import system
from tests.editors.nvim import install as nvim
from tests.editors.terminal import install as terminal
from tests.editors.vscode import install as vscode


def main() -> int:
    """What the machine lacks first, then the editors; the exit status of the first that fails."""
    system.provide(*nvim.SYSTEM_PACKAGES, *vscode.SYSTEM_PACKAGES)
    for install in (nvim, terminal, vscode):
        if status := install.main():
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
