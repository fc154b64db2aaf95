"""Which findings a user does not want to see again: remembered on this machine by hashes, never by their code.

::

    <data folder>/dismissed.json    {"findings": [hashes], "kinds": [names of categories]}
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

if TYPE_CHECKING:
    from lsp_server.session.findings import Known

logger = logging.getLogger(__name__)

HOME_VARIABLE = "PHI_LSP_HOME"
_MOST = 20_000
"""Hashes kept; the oldest go first."""


@dataclass(frozen=True)
class Dismissed:
    """What is not to be shown: hashes of findings, oldest first, and categories."""

    findings: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def hides(self, known: Known) -> bool:
        """Whether a finding is not to be shown."""
        return known.finding.category in self.kinds or known.mark in self.findings


class Dismissals:
    """What was dismissed, in the file at ``path``, which other servers may write too."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, Dismissed] | None = None

    def now(self) -> Dismissed:
        """What is dismissed; nothing where the file cannot be read."""
        try:
            changed = self._path.stat().st_mtime_ns
        except OSError:
            return Dismissed()
        if self._seen is None or self._seen[0] != changed:
            self._seen = changed, self._read()
        return self._seen[1]

    def finding(self, known: Known) -> None:
        """Do not show this one again, as long as its lines stay as they are. Raises OSError."""
        self._change(lambda old: Dismissed((*_without(old.findings, known.mark), known.mark)[-_MOST:], old.kinds))

    def kind(self, category: str) -> None:
        """Do not show findings of a category. Raises OSError."""
        self._change(lambda old: Dismissed(old.findings, (*_without(old.kinds, category), category)))

    def restore(self, category: str = "") -> None:
        """Show findings of ``category`` again, or of all of them and single ones too. Raises OSError."""
        self._change(lambda old: Dismissed(old.findings, _without(old.kinds, category)) if category else Dismissed())

    def _change(self, made: Callable[[Dismissed], Dismissed]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{self._path}.lock", timeout=5):
            new = made(self._read() if self._path.exists() else Dismissed())
            written = self._path.with_suffix(".new")
            written.write_text(json.dumps({"findings": new.findings, "kinds": new.kinds}, indent=1) + "\n", "utf-8")
            written.replace(self._path)
        self._seen = None

    def _read(self) -> Dismissed:
        try:
            held = json.loads(self._path.read_text("utf-8"))
            return Dismissed(tuple(map(str, held["findings"])), tuple(map(str, held["kinds"])))
        except OSError as error:
            logger.warning("%s cannot be read: %s", self._path, error.strerror)
        except (ValueError, KeyError, TypeError):
            aside = self._path.with_suffix(".damaged")
            logger.warning("%s is damaged: it is kept as %s, and nothing counts as dismissed", self._path, aside.name)
            with suppress(OSError):
                self._path.replace(aside)
        return Dismissed()


def default_path() -> Path:
    """The file in the platform's data folder, or in ``PHI_LSP_HOME``."""
    from platformdirs import user_data_path  # noqa: PLC0415 - not needed to answer `initialize`

    chosen = os.environ.get(HOME_VARIABLE)
    folder = Path(chosen).expanduser() if chosen else user_data_path("phi-lsp", appauthor=False)
    return folder / "dismissed.json"


def _without(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(each for each in values if each != value)
