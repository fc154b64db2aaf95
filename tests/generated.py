"""Parts of files that are made from the code: written by a command, compared by a test."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lsp_server

REPOSITORY = Path(lsp_server.__file__).parents[1]


@dataclass(frozen=True)
class Generated:
    """What ``render`` makes stands in the file ``path`` of the repository.

    It is text between the marks ``begin`` and ``end``, which stand there once each, or, where a ``pointer`` is given
    (RFC 6901, such as ``/contributes/configuration/properties``), a member of the JSON that the file is.
    """

    path: str
    render: Callable[[], Any]
    begin: str = ""
    end: str = ""
    pointer: str = ""

    def is_current(self, text: str) -> bool:
        """Whether the file, as it is in ``text``, has what the code makes now."""
        if self.pointer:
            parent, name = self._member(json.loads(text))
            return name in parent and json.dumps(parent[name]) == json.dumps(self.render())
        return self.refreshed(text) == text

    def refreshed(self, text: str) -> str:
        """The file with what the code makes now."""
        if self.pointer:
            data = json.loads(text)
            parent, name = self._member(data)
            parent[name] = self.render()
            return json.dumps(data, indent=_indent_of(text), ensure_ascii=False) + "\n"
        before, rest = text.split(self.begin)
        _, after = rest.split(self.end)
        return f"{before}{self.begin}{self.render()}{self.end}{after}"

    def _member(self, data: Any) -> tuple[Any, str]:
        """The object that the pointer's last name is a member of, and that name."""
        *above, name = (step.replace("~1", "/").replace("~0", "~") for step in self.pointer.split("/")[1:])
        for step in above:
            data = data[int(step)] if isinstance(data, list) else data[step]
        return data, name

    def read(self, root: Path = REPOSITORY) -> str:
        return (root / self.path).read_text(encoding="utf-8")

    def write(self, root: Path = REPOSITORY) -> None:
        """Bring the file up to date; one that is stays untouched."""
        text = self.read(root)
        if not self.is_current(text):
            (root / self.path).write_text(self.refreshed(text), encoding="utf-8")


def _indent_of(text: str) -> str:
    """What one level of a JSON file is indented by."""
    found = re.search(r"\n([ \t]+)", text)
    return found[1] if found else "  "
