"""Whether what was saved compiles, in its own language."""

from __future__ import annotations

import subprocess
from pathlib import Path


def compiles(path: Path, more: str = "") -> None:
    """Fail where a file, with ``more`` below it, does not compile."""
    text = path.read_text() + more
    if path.suffix == ".py":
        compile(text, path.name, "exec")
        return
    command = ("g++", "-fsyntax-only", "-x", "c++", "-")
    done = subprocess.run(command, input=text, text=True, capture_output=True, check=False)
    assert done.returncode == 0, f"{text}\n{done.stderr}"
