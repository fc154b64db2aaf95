"""Where nothing is suggested unasked for a while: everywhere, or in languages.

It must never know what is suggested, or who asked for the pause.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from math import inf

from lsp_server.core.languages import by_language_id

RESUMES = "the command phi-lsp.resume ends the pause"


class Pauses:
    """The pauses that hold, by the name of a language, empty for all. ``on_change`` hears when one begins or ends."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._until: dict[str, float] = {}

    def pause(self, language_id: str = "", seconds: float = inf) -> None:
        """Begin one, in the place of one that holds already."""
        self._until[_name(language_id)] = time.time() + seconds
        if seconds < inf:
            # A little later, so that it is over by then.
            asyncio.get_running_loop().call_later(seconds + 0.01, self._on_change)
        self._on_change()

    def resume(self, language_id: str = "") -> bool:
        """End the pause of a language, or all of them; whether there was any."""
        ended = [name for name in self._held() if not language_id or name == _name(language_id)]
        for name in ended:
            del self._until[name]
        self._on_change()
        return bool(ended)

    def reason(self, language_id: str) -> str:
        """Why nothing is suggested in a language; empty where no pause holds."""
        held = self._held()
        name = next((name for name in ("", _name(language_id)) if name in held), None)
        return "" if name is None else f"{_told(name, held[name])}; {RESUMES}"

    @property
    def everywhere(self) -> str:
        """The reason, while a pause of all languages holds."""
        return self.reason("")

    @property
    def languages(self) -> tuple[str, ...]:
        """Those that have a pause of their own."""
        return tuple(sorted(name for name in self._held() if name))

    def _held(self) -> dict[str, float]:
        now = time.time()
        self._until = {name: until for name, until in self._until.items() if until > now}
        return self._until


def _name(language_id: str) -> str:
    """One name for all identifiers of a language."""
    language = by_language_id(language_id)
    return language.name if language else language_id


def _told(name: str, until: float) -> str:
    what = f"completions in {name} are" if name else "completions are"
    return f"{what} paused" + ("" if until == inf else f" until {time.strftime('%H:%M', time.localtime(until))}")
