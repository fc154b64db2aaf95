"""Figures of a way, from its sessions. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.latencies import percentile
from tests.benchmarks.typing.records import Session
from tests.benchmarks.typing.screen import ENGINE

_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Figures:
    """What a way comes to; None where there is nothing to divide by."""

    sessions: int
    pauses: int
    shown: float | None
    """Share of the pauses in which something was shown before they ended."""
    p50: float | None
    p95: float | None
    """Milliseconds from the key to that, of those pauses."""
    asked_p50: float | None
    asked_p95: float | None
    """The same of those pauses in which the model had to be asked for it."""
    every_p50: float | None
    """The same of all pauses; None where half of them end with nothing shown."""
    without_engine: float | None
    """Of the places at which something was shown, the share at which it was known already."""
    evaluated: float | None
    """Prompt tokens evaluated for each place at which something was shown."""
    cached: float | None
    """Share of the prompts' tokens that were known already."""
    saved: float | None
    """Keys spared in a session."""
    saved_share: float | None
    """Of the keys that all that was typed takes."""
    processor: float | None
    """Processor seconds for each key that was spared."""
    processor_session: float | None
    resident: float | None
    proportional: float | None
    """Megabytes of all its processes, the most of any session: resident, and with their part of what is shared."""


def figures(sessions: Sequence[Session]) -> Figures:
    """Of all sessions of one way."""
    pauses = [pause for session in sessions for pause in session.pauses]
    times = [1000 * pause.shown for pause in pauses if pause.shown is not None]
    asked = [1000 * pause.shown for pause in pauses if pause.shown is not None and pause.source == ENGINE]
    places = sum((Counter(session.places) for session in sessions), Counter[str]())
    accounts = [session.account for session in sessions]
    prompt, cached = (sum(getattr(one, name) for one in accounts) for name in ("prompt_tokens", "cached_tokens"))
    saved, spent = sum(session.saved for session in sessions), sum(session.processor for session in sessions)
    return Figures(
        sessions=len(sessions),
        pauses=len(pauses),
        shown=_share(len(times), len(pauses)),
        p50=_percentile(times, 50),
        p95=_percentile(times, 95),
        asked_p50=_percentile(asked, 50),
        asked_p95=_percentile(asked, 95),
        every_p50=_finite(_percentile([*times, *[math.inf] * (len(pauses) - len(times))], 50)),
        without_engine=_share(places.total() - places[ENGINE], places.total()),
        evaluated=_share(prompt - cached, places.total()),
        cached=_share(cached, prompt),
        saved=_share(saved, len(sessions)),
        saved_share=_share(saved, sum(session.keys for session in sessions)),
        processor=_share(spent, saved),
        processor_session=_share(spent, len(sessions)),
        resident=_most(sessions, "rss"),
        proportional=_most(sessions, "pss"),
    )


def _percentile(times: list[float], percent: int) -> float | None:
    return percentile(times, percent) if times else None


def _finite(time: float | None) -> float | None:
    return time if time is not None and math.isfinite(time) else None


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _most(sessions: Sequence[Session], kind: str) -> float | None:
    sums = [sum(process[kind] for process in session.memory) / _MEGABYTE for session in sessions]
    return max(sums, default=None)


def within(sessions: Sequence[Session], milliseconds: float) -> float:
    """Share of all pauses in which something was shown so soon."""
    pauses = [pause for session in sessions for pause in session.pauses]
    soon = [pause for pause in pauses if pause.shown is not None and 1000 * pause.shown <= milliseconds]
    return len(soon) / max(len(pauses), 1)
