"""Which lines of a file changed since a revision, as git has it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

_HUNK = re.compile(r"^@@ -\S+ \+(?P<first>\d+)(?:,(?P<count>\d+))? @@", re.MULTILINE)
_SECONDS = 60


class GitError(OSError):
    """git cannot tell; the text says why, and what to do."""


def changed_lines(path: Path, revision: str) -> list[range]:
    """The lines, counted from 0, that are new or other than in ``revision``; where some are gone, the two beside them.

    All lines of a file that git does not follow. Raises GitError.
    """
    options = ("--unified=0", "--no-color", "--no-ext-diff", "--no-renames")
    changed = _diff(path.parent, revision, options, path.name)
    if _git(path.parent, "ls-files", "--others", "--", path.name).strip():
        return [range(len(path.read_bytes().split(b"\n")))]
    return [_lines(hunk) for hunk in _HUNK.finditer(changed)]


def changed_files(folder: Path, revision: str) -> list[Path]:
    """The files below ``folder`` that differ from ``revision`` and are still there. Raises GitError."""
    options = ("--name-only", "--relative", "--diff-filter=d", "-z")
    return [folder / name for name in _diff(folder, revision, options, ".").split("\0") if name]


def _diff(folder: Path, revision: str, options: Sequence[str], name: str) -> str:
    # An option in place of a revision would be obeyed.
    if revision.startswith("-"):
        raise GitError(f"{revision!r} is no revision: write one such as main or HEAD~3")
    # Outside a repository `diff` would compare files with one another.
    _git(folder, "rev-parse", "--git-dir")
    return _git(folder, "diff", *options, revision, "--", name)


def _lines(hunk: re.Match[str]) -> range:
    first, count = int(hunk["first"]) - 1, int(hunk["count"] or 1)
    return range(first, first + count) if count else range(max(first, 0), first + 2)


def _git(folder: Path, *arguments: str) -> str:
    command: Sequence[str] = ("git", "-C", str(folder or "."), *arguments)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except FileNotFoundError:
        raise GitError("git is not installed: install it, or leave out --changed-since") from None
    except subprocess.TimeoutExpired:
        raise GitError(f"git did not answer within {_SECONDS} s") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it gave no reason"]
        raise GitError(f"git says: {lines[0]}")
    return done.stdout
