"""A C++ compiler on this machine that evaluates while it reads: which one, how it is called, within which limits.

Only its front end runs; nothing is built, written or executed. It must never know what it is given.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from lsp_server.trial.child import output_of

_PROGRAMS = ("g++", "c++", "clang++")
_COMMON = ("-x", "c++", "-std=gnu++20", "-fsyntax-only", "-fconstexpr-depth=1000")
_FAMILIES = {
    b"clang": (
        "-Wno-everything",
        "-Wc++11-narrowing",
        "-ferror-limit=0",
        "-fno-caret-diagnostics",
        "-fno-color-diagnostics",
        "-fconstexpr-backtrace-limit=0",
        "-fconstexpr-steps={steps}",
    ),
    # Before GCC 12 it does not know the first of them, and so nothing is known.
    b"Free Software Foundation": (
        "-fimplicit-constexpr",
        "-fmessage-length=0",
        "-fno-diagnostics-show-caret",
        "-fdiagnostics-color=never",
        "-fconstexpr-loop-limit={rounds}",
        "-fconstexpr-ops-limit={steps}",
    ),
}
"""By a word of what a compiler says of itself: its own options, with the slots of `Limits`."""

_KIBIBYTES = 2 * 2**20
_LIMITED = f'ulimit -v {_KIBIBYTES}; ulimit -t "$0"; ulimit -f 0; LC_ALL=C exec "$@"'
"""For the shell: memory, seconds of computing, no files, and messages in the language in which they are read."""

_known: dict[str, Sequence[str]] = {}


@dataclass(frozen=True)
class Limits:
    """``steps`` of one evaluation, ``rounds`` of one loop (Clang counts steps alone), and ``seconds`` of all."""

    steps: int
    rounds: int
    seconds: float


async def said_of(text: str, options: Sequence[str], limits: Limits) -> str:
    """What the compiler says of a translation unit; nothing where there is none that evaluates."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    own = await _options(program) if program else ()
    if program is None or not own:
        return ""
    command = [program, *_COMMON, *(one.format_map(vars(limits)) for one in own), *options, "-"]
    if sys.platform != "win32":
        command = ["/bin/sh", "-c", _LIMITED, str(ceil(limits.seconds) + 1), *command]
    said = await output_of(command, text.encode("utf-8", "replace"), limits.seconds, complaints=True)
    return (said or b"").decode("utf-8", "replace")


async def _options(program: str) -> Sequence[str]:
    """Those of the compiler's family; none of another one's."""
    if program not in _known:
        version = await output_of([program, "--version"], b"", 5.0) or b""
        _known[program] = next((own for word, own in _FAMILIES.items() if word in version), ())
    return _known[program]
