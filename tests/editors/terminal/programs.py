"""The editors that these tests drive: which packages they come in, where they are, and how they are started there.

A program that is not where it was built to be is told by its environment where its parts are.
"""

from __future__ import annotations

from pathlib import Path

from tests.editors import debian

RELEASE = "forky"
PACKAGES = ("elpa-lsp-mode", "emacs-nox", "hx", "tmux", "vim", "vim-ale")
FOLDER = Path(__file__).parents[3] / ".venv" / "editors" / "terminal"

ALE = FOLDER / "usr/share/vim-ale"
LISP_PACKAGES = FOLDER / "usr/share/emacs/site-lisp/elpa-src"


NO_NATIVE_CODE = "(setq native-comp-jit-compilation nil native-comp-enable-subr-trampolines nil)"
"""Emacs starts itself to make native code, and cannot where it needs its loader for that."""


def are_installed() -> bool:
    """Whether the tests have what they need."""
    return debian.is_unpacked(PACKAGES, RELEASE, FOLDER)


def tmux() -> list[str]:
    """The terminal that they run in."""
    return debian.command(FOLDER, "usr/bin/tmux")


def helix() -> list[str]:
    """Helix."""
    return ["env", f"HELIX_RUNTIME={FOLDER / 'usr/lib/hx/runtime'}", *debian.command(FOLDER, "usr/lib/hx/hx")]


def vim() -> list[str]:
    """Vim."""
    runtime = _only("usr/share/vim/vim9*")
    return ["env", f"VIMRUNTIME={runtime}", *debian.command(FOLDER, "usr/bin/vim.basic")]


def emacs() -> list[str]:
    """Emacs, with lsp-mode to be loaded."""
    share, dump = _only("usr/share/emacs/[0-9]*"), _only("usr/libexec/emacs/*/*/*.pdmp")
    return [
        "env",
        f"EMACSLOADPATH={':'.join(map(str, [share / 'lisp', *sorted(LISP_PACKAGES.glob('*'))]))}",
        f"EMACSDATA={share / 'etc'}",
        f"EMACSDOC={share / 'etc'}",
        f"EMACSPATH={dump.parent}",
        *debian.command(FOLDER, "usr/bin/emacs-nox"),
        f"--dump-file={dump}",
    ]


def _only(pattern: str) -> Path:
    """The one path of that pattern: it holds a version."""
    (found,) = FOLDER.glob(pattern)
    return found
