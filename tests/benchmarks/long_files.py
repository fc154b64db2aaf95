"""Files of at least 10,000 lines, and hands that type in them at random places while an editor asks at every key."""

from __future__ import annotations

import random
import re
import sysconfig
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from lsp_server.core.document import Document, Span
from tests.benchmarks.typing.material import SOURCES
from tests.server.client import Client, Json

LINES = 10_000

_MODULES = ("argparse", "datetime", "inspect", "ipaddress", "subprocess", "tarfile", "turtle", "typing", "zipfile")
"""Long modules of the standard library."""

_NAME = re.compile(r"\b[A-Z][a-z]\w*\b|(?<=namespace )\w+")


def python_file() -> str:
    """Modules of the standard library, one behind the other."""
    folder = Path(sysconfig.get_path("stdlib"))
    texts = ((folder / f"{name}.py").read_text(encoding="utf-8") for name in _MODULES)
    return _cut("\n\n".join(texts))


def cpp_file() -> str:
    """The C++ of the typing benchmark again and again, its types and namespaces numbered, all in one namespace."""
    sources = [path.read_text(encoding="utf-8") for path in sorted(SOURCES.glob("*.cpp"))]
    numbered: list[str] = ["namespace everything {\n"]
    for number in count():
        numbered += [_NAME.sub(rf"\g<0>{number}", source) for source in sources]
        # All of the last one too: a namespace that is not closed would be an error that no ordinary file has.
        if sum(part.count("\n") + 1 for part in numbered) > LINES:
            return "\n".join(numbered) + "}  // namespace everything\n"
    raise AssertionError("no end")


def _cut(text: str) -> str:
    """The first lines of a text, on to where a definition ends: a line that is blank, with no indentation below."""
    lines = text.split("\n")
    end = next(at for at in range(LINES, len(lines)) if not lines[at] and lines[at + 1][:1].isalpha())
    return "\n".join(lines[:end]) + "\n"


FILES = {"python": python_file, "cpp": cpp_file}

_LEAST = 24
"""Characters of a line that is typed anew."""


class Hands:
    """Type in one document of a server; the editor tells every change."""

    def __init__(self, client: Client, language: str) -> None:
        self._client = client
        self.document = Document(f"file:///long.{'py' if language == 'python' else 'cpp'}", language, FILES[language]())
        client.open(self.document.uri, self.document.text, language)

    def lines(self, seed: int) -> Iterator[tuple[int, str]]:
        """Places in random order, each once: where the code of an indented line begins, and that code."""
        spans = [self.document.line_span(line) for line in range(len(self.document.line_starts))]
        code = [(span, span.of(self.document.text)) for span in spans]
        found = [
            (span.start + len(line) - len(line.lstrip()), line.lstrip())
            for span, line in code
            if line[:1].isspace() and len(line.strip()) >= _LEAST and not line.lstrip().startswith(("#", "//", '"'))
        ]
        random.Random(seed).shuffle(found)
        return iter(found)

    def edit(self, span: Span, text: str) -> None:
        """Put ``text`` in place of ``span``."""
        self.tell(self.change(span, text))

    def change(self, span: Span, text: str) -> Json:
        """The same, not told yet."""
        edges = {"start": self._position(span.start), "end": self._position(span.end)}
        self.document = self.document.edited(span, text, self.document.version + 1)
        return {"range": edges, "text": text}

    def tell(self, change: Json) -> None:
        """Send a change."""
        named = {"uri": self.document.uri, "version": self.document.version}
        self._client.notify("textDocument/didChange", {"textDocument": named, "contentChanges": [change]})

    def asked(self, at: int) -> Json:
        """The parameters of an automatic request."""
        place = {"textDocument": {"uri": self.document.uri}, "position": self._position(at)}
        return {**place, "context": {"triggerKind": 2}}

    def look(self, at: int) -> None:
        """Rest at a place: editors ask what there is to do there."""
        place = self._position(at)
        params = {"textDocument": {"uri": self.document.uri}, "range": {"start": place, "end": place}}
        self._client.call("textDocument/codeAction", {**params, "context": {"diagnostics": []}})

    def _position(self, offset: int) -> Json:
        line = self.document.line_at(offset)
        before = self.document.text[self.document.line_starts[line] : offset]
        return {"line": line, "character": len(before.encode("utf-16-le")) // 2}
