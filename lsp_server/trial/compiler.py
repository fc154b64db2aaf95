"""What the C or C++ compiler on this machine says of a file: which of its lines it refuses.

Only its front end runs; nothing is built, written or executed. Where the file's own headers are not found nothing is
claimed, since then half of what it says would be wrong.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from lsp_server.core.document import Document
from lsp_server.core.languages import by_file_name, by_language_id
from lsp_server.trial.child import output_of


@dataclass(frozen=True)
class _FrontEnd:
    """How a compiler calls the language, and the programs that may be one."""

    kind: str
    programs: tuple[str, ...]


_FRONT_ENDS = {
    "cpp": _FrontEnd("c++", ("c++", "g++", "clang++")),
    "c": _FrontEnd("c", ("cc", "gcc", "clang")),
}
_REFUSED = re.compile(rb"^<stdin>:(\d+):(?:\d+:)? error: ", re.MULTILINE)
_UNREADABLE = re.compile(rb"\bfatal error: ")


async def refused_lines(document: Document, seconds: float = 5.0) -> tuple[int, ...]:
    """The lines, counted from 0, that the compiler reports an error on; none where nothing is known.

    That is so for other languages, without a compiler, where a header is not found, and after ``seconds``.
    """
    language = by_language_id(document.language_id) or by_file_name(document.uri)
    front_end = _FRONT_ENDS.get(language.name) if language else None
    program = next(filter(None, map(shutil.which, front_end.programs)), None) if front_end else None
    if front_end is None or program is None:
        return ()
    command = [program, "-x", front_end.kind, "-fsyntax-only", "-w", *beside(document.uri), "-"]
    said = await output_of(command, document.text.encode("utf-8", "replace"), seconds, complaints=True)
    if not said or _UNREADABLE.search(said):
        return ()
    return tuple(int(line) - 1 for line in _REFUSED.findall(said))


def beside(uri: str) -> tuple[str, ...]:
    """The option that has headers in quotes looked for beside the file."""
    address = urlsplit(uri)
    folder = Path(url2pathname(address.path)).parent
    return ("-iquote", str(folder)) if address.scheme == "file" and folder.is_dir() else ()
