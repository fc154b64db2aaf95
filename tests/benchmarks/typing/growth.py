"""How memory grows from when a program is warm to the end of a run. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

_WARM_SHARE = 0.1
_LEAST_WARM = 3
"""The warm-up is this share of the time, and at least so many samples."""


@dataclass(frozen=True)
class Sample:
    """Memory ``at`` so many seconds after the beginning: a row for every process, as `cost.memory` has it."""

    at: float
    memory: list[dict[str, Any]]

    def held(self, process: str, measure: str) -> int:
        """Bytes of all processes that run this program."""
        return sum(row[measure] for row in self.memory if row["process"] == process)


@dataclass(frozen=True)
class Growth:
    """Bytes that a program held after the warm-up, and at the end."""

    process: str
    measure: str
    before: float
    after: float

    @property
    def share(self) -> float:
        """Of what was held before."""
        return self.after / self.before - 1 if self.before else 0.0


def growth(samples: Sequence[Sample], process: str, measure: str) -> Growth | None:
    """The medians of the tenth of the samples after the warm-up and of the last tenth; None where these are too few."""
    warm = max(_LEAST_WARM, sum(sample.at <= _WARM_SHARE * samples[-1].at for sample in samples))
    tenth = max(1, len(samples) // 10)
    if len(samples) < warm + 2 * tenth:
        return None
    held = [sample.held(process, measure) for sample in samples]
    return Growth(process, measure, median(held[warm : warm + tenth]), median(held[-tenth:]))
