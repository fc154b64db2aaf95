"""Fetches the editors that these tests drive: ``python -m tests.editors.terminal.install``."""

from __future__ import annotations

import subprocess
import sys

from tests.editors import debian
from tests.editors.terminal.programs import (
    FOLDER,
    LISP_PACKAGES,
    NO_NATIVE_CODE,
    PACKAGES,
    RELEASE,
    are_installed,
    emacs,
)


def main() -> int:
    """Install what is not there yet."""
    if are_installed():
        return 0
    try:
        debian.unpack(PACKAGES, RELEASE, FOLDER)
    except debian.NotUnpacked as problem:
        print(problem, file=sys.stderr)
        return 1
    # As the packages do where they are installed: Emacs would read the sources anew at every start.
    compiling = f'(progn {NO_NATIVE_CODE} (byte-recompile-directory "{LISP_PACKAGES}" 0))'
    return subprocess.run([*emacs(), "--batch", "--eval", compiling], capture_output=True, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
