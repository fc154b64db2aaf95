"""What a threshold would have shown of what a review suspects: hits against false alarms, as a table and a picture.

``python -m tests.benchmarks.review_curve "NAME=FILE" …`` prints the picture of several results that were kept.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NEAR = 1
"""Lines between a finding and a labelled line."""


@dataclass(frozen=True)
class Seen:
    """A finding: its line, counted from 1, and how sure it is, from 0 to 1."""

    line: int
    confidence: float
    category: str
    message: str


@dataclass(frozen=True)
class Item:
    """What was found in the file with the bug on ``lines``, and in the one without; how long each took."""

    identifier: str
    lines: tuple[int, ...]
    buggy: tuple[Seen, ...]
    clean: tuple[Seen, ...]
    seconds: tuple[float, ...]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Item:
        """The inverse of ``asdict``."""
        found = {name: tuple(Seen(**one) for one in data[name]) for name in ("buggy", "clean")}
        return cls(data["identifier"], tuple(data["lines"]), **found, seconds=tuple(data["seconds"]))

    def hit(self, least: float) -> bool:
        """Whether the bug is found by what is at least so sure."""
        shown = (one for one in self.buggy if one.confidence >= least)
        return any(abs(one.line - line) <= NEAR for one in shown for line in self.lines)

    def alarm(self, least: float) -> bool:
        """Whether something is found where nothing is wrong."""
        return any(one.confidence >= least for one in self.clean)

    @property
    def told(self) -> str:
        """One line for people."""
        buggy = " ".join(f"{one.line}:{one.confidence:.2f}" for one in self.buggy)
        clean = " ".join(f"{one.line}:{one.confidence:.2f}" for one in self.clean)
        return f"{self.identifier:28} bug {self.lines} found {buggy or '-'} | right: {clean or '-'} | {self.seconds}"


@dataclass(frozen=True)
class Point:
    """Shares of the items: ``hits`` and ``alarms`` at the threshold ``least``."""

    least: float
    hits: float
    alarms: float


def point(items: Sequence[Item], least: float) -> Point:
    """At one threshold."""
    count = max(len(items), 1)
    return Point(
        least, sum(item.hit(least) for item in items) / count, sum(item.alarm(least) for item in items) / count
    )


def curve(items: Sequence[Item]) -> list[Point]:
    """At every threshold that makes a difference, the most cautious first."""
    levels = {one.confidence for item in items for one in (*item.buggy, *item.clean)}
    return [point(items, least) for least in sorted(levels, reverse=True)]


def best_within(items: Sequence[Item], alarms: float) -> Point:
    """The most hits with no more than so many false alarms."""
    allowed = [one for one in curve(items) if one.alarms <= alarms + 1e-9]
    return max(allowed, key=lambda one: one.hits, default=Point(1.0, 0.0, 0.0))


def table(items: Sequence[Item], thresholds: Mapping[str, float]) -> str:
    """The shares at the thresholds that have a name, and the best that any threshold gives."""
    seconds = [second for item in items for second in item.seconds]
    rows = [(name, point(items, least)) for name, least in thresholds.items()]
    rows += [(f"best within {alarms:.0%} alarms", best_within(items, alarms)) for alarms in (0.05, 0.1, 0.15)]
    lines = [f"{'':26}{'hits':>8}{'false alarms':>15}{'confidence':>13}"]
    lines += [f"{name:26}{one.hits:8.1%}{one.alarms:15.1%}{one.least:13.3f}" for name, one in rows]
    if seconds:
        longest = statistics.quantiles(seconds, n=20)[-1] if len(seconds) > 1 else seconds[0]
        lines.append(
            f"{len(items)} pairs; {statistics.median(seconds):.1f} s a file in the median, {longest:.1f} s p95"
        )
    return "\n".join(lines)


_SIZE, _EDGE = 360, 48
_COLOURS = ("#1f6feb", "#d1242f", "#1a7f37", "#8250df", "#bc4c00")
_MOST_ALARMS = 0.3


def picture(named: Mapping[str, Sequence[Item]]) -> str:
    """The curves as SVG: false alarms to the right, as far as anybody would bear them, hits upwards."""
    parts = [_frame()]
    for number, (name, items) in enumerate(named.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        points = [(0.0, 0.0), *((one.alarms, one.hits) for one in curve(items) if one.alarms <= _MOST_ALARMS)]
        path = " ".join(f"{_x(alarms):.1f},{_y(hits):.1f}" for alarms, hits in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{_EDGE + 120}" y="{_SIZE - 20 - 16 * number}" fill="{colour}">{name}</text>')
    width, height = _SIZE + 2 * _EDGE, _SIZE + 2 * _EDGE
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif"'
    return (
        f'{head} font-size="12">\n<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _x(alarms: float) -> float:
    return _EDGE + _SIZE * alarms / _MOST_ALARMS


def _y(hits: float) -> float:
    return _EDGE + _SIZE * (1 - hits)


def _frame() -> str:
    """Axes with a line every tenth of hits and every twentieth of false alarms."""
    lines = []
    for tenth in range(0, 11, 2):
        y = _y(tenth / 10)
        lines.append(f'<line x1="{_EDGE}" y1="{y}" x2="{_EDGE + _SIZE}" y2="{y}" stroke="#ddd"/>')
        lines.append(f'<text x="{_EDGE - 6}" y="{y + 4}" text-anchor="end">{tenth * 10} %</text>')
    for percent in range(0, round(_MOST_ALARMS * 100) + 1, 5):
        x = _x(percent / 100)
        lines.append(f'<line x1="{x}" y1="{_EDGE}" x2="{x}" y2="{_EDGE + _SIZE}" stroke="#ddd"/>')
        lines.append(f'<text x="{x}" y="{_EDGE + _SIZE + 16}" text-anchor="middle">{percent} %</text>')
    middle = _EDGE + _SIZE / 2
    lines.append(f'<text x="{middle}" y="{_EDGE + _SIZE + 34}" text-anchor="middle">right files with a finding</text>')
    lines.append(f'<text x="{_EDGE}" y="{_EDGE - 12}">bugs found</text>')
    return "\n".join(lines)


def main() -> None:
    """The command."""
    named = dict(argument.rsplit("=", 1) for argument in sys.argv[1:])
    if not named:
        sys.exit(__doc__)
    kept = {name: Path(file).read_text().splitlines() for name, file in named.items()}
    print(picture({name: [Item.of(json.loads(line)) for line in lines] for name, lines in kept.items()}), end="")


if __name__ == "__main__":
    main()
