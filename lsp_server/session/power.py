"""Whether the machine runs on its battery."""

from __future__ import annotations

from time import monotonic

_HOLDS_SECONDS = 10.0
"""For so long an answer of the system is believed; asking takes it up to some milliseconds."""


class Power:
    """The machine's supply."""

    def __init__(self) -> None:
        self._asked_at = -_HOLDS_SECONDS
        self._on_battery = False

    @property
    def on_battery(self) -> bool:
        """Whether it runs on its battery; False where it has none, or the system does not tell."""
        if monotonic() - self._asked_at >= _HOLDS_SECONDS:
            self._asked_at = monotonic()
            self._on_battery = _on_battery()
        return self._on_battery


def _on_battery() -> bool:
    import psutil  # noqa: PLC0415 - only for those who save their battery

    # Some systems have no such function.
    ask = getattr(psutil, "sensors_battery", None)
    battery = ask() if ask is not None else None
    return battery is not None and battery.power_plugged is False
