"""What an editor shows of the server at a glance: which model, in which state, what came of the last request.

It is told unasked to an editor that wishes it, once for whatever changes in one go. This module must never know of
the protocol, or how anything is computed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lsp_server.session.pauses import Pauses
from lsp_server.session.standing import Standing, State

if TYPE_CHECKING:
    from lsp_server.session.resident import Resident
    from lsp_server.settings import Settings

_TOGETHER_SECONDS = 0.02
"""What changes within that time is told at once: one act often changes several things."""
_SWITCHED_OFF = "completions are turned off; set `inline` or `popup` to true"


class Presence:
    """One editor's view. ``tell`` is called with what changed once `begin` was; ``settings`` are those in force."""

    def __init__(
        self, resident: Resident, settings: Callable[[], Settings], tell: Callable[[dict[str, Any]], None]
    ) -> None:
        self._resident = resident
        self._settings = settings
        self._tell = tell
        self._told: dict[str, Any] | None = None
        self._begun = self._due = False
        self._working = 0
        self._reason = ""
        self._seconds: float | None = None
        self.pauses = Pauses(self.changed)
        resident.on_change = self.changed

    def begin(self) -> None:
        """The editor wishes to hear of changes."""
        self._begun = True
        self.changed()

    def end(self) -> None:
        """There is nobody to tell any more."""
        self._begun = False

    def changed(self) -> None:
        """Something may be different."""
        if self._begun and not self._due:
            self._due = True
            asyncio.get_running_loop().call_later(_TOGETHER_SECONDS, self._send)

    def _send(self) -> None:
        self._due = False
        summary = self.summary()
        if self._begun and summary != self._told:
            self._told = summary
            self._tell(summary)

    @contextmanager
    def working(self) -> Iterator[None]:
        """An answer is computed while the block runs."""
        self._working += 1
        self.changed()
        try:
            yield
        finally:
            self._working -= 1
            self.changed()

    def answered(self, reason: str, seconds: float = 0.0) -> None:
        """A request was answered; ``reason`` says why with nothing."""
        self._reason, self._seconds = reason, round(seconds, 3)
        self.changed()

    def summary(self) -> dict[str, Any]:
        """For ``phi-lsp/status`` and ``phi-lsp/statusChanged``."""
        row, standing = self._resident.row, self._standing()
        return {
            "model": row.name if row else None,
            "state": standing.state.value,
            "percent": standing.percent,
            "message": standing.text,
            "reason": self._reason,
            "seconds": self._seconds,
            "remote": self._resident.notice,
        }

    def _standing(self) -> Standing:
        """The most telling of all that is so: what a model that answers is doing is told last."""
        standing, settings = self._resident.standing, self._settings()
        name = self._resident.row.name if self._resident.row else ""
        if standing.state is not State.READY:
            return standing
        if self._working:
            return Standing(State.THINKING, f"{name} is computing an answer")
        if self.pauses.everywhere:
            return Standing(State.PAUSED, self.pauses.everywhere)
        if not (settings.inline or settings.popup):
            return Standing(State.OFF, _SWITCHED_OFF)
        only = f"; paused in {', '.join(self.pauses.languages)}" if self.pauses.languages else ""
        return Standing(State.READY, (standing.text or f"{name} is ready") + only)
