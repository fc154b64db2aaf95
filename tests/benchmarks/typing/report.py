"""What a run comes to, for people: a table in Markdown and a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.benchmarks.typing.records import Session
from tests.benchmarks.typing.scoring import Figures, figures, within

_ROWS = {
    "sessions": ("sessions", "{:.0f}", 1),
    "pauses": ("pauses", "{:.0f}", 1),
    "shown": ("pauses with a suggestion, %", "{:.1f}", 100),
    "p50": ("from the key to it, p50 ms", "{:.1f}", 1),
    "p95": ("from the key to it, p95 ms", "{:.0f}", 1),
    "asked_p50": ("the same where the model was asked, p50 ms", "{:.0f}", 1),
    "asked_p95": ("the same where the model was asked, p95 ms", "{:.0f}", 1),
    "every_p50": ("from the key to it in all pauses, p50 ms (-: never)", "{:.0f}", 1),
    "without_engine": ("shown without asking the model, %", "{:.1f}", 100),
    "evaluated": ("prompt tokens evaluated for each shown", "{:.1f}", 1),
    "cached": ("prompt tokens from the cache, %", "{:.1f}", 100),
    "saved": ("characters saved in a session", "{:.1f}", 1),
    "saved_share": ("characters saved, % of typed", "{:.1f}", 100),
    "processor": ("processor seconds for each saved", "{:.3f}", 1),
    "processor_session": ("processor seconds in a session", "{:.1f}", 1),
    "resident": ("memory of its processes, MB resident", "{:.0f}", 1),
    "proportional": ("the same, shared pages in part", "{:.0f}", 1),
}
"""Fields of `Figures`: how each is called, its form, and by what it is multiplied to be shown."""

_COMPARED = {"p50": 1, "p95": 1, "asked_p50": 1, "asked_p95": 1, "saved": 0, "processor": 0}
"""The figures of which a multiple is told, where the other's is more than this: below a millisecond it says nothing."""


def table(sessions: Mapping[str, Sequence[Session]]) -> str:
    """A column for each way."""
    found = {way: figures(rows) for way, rows in sessions.items()}
    lines = ["| | " + " | ".join(found) + " |", "|---|" + "---:|" * len(found)]
    for field, (name, form, factor) in _ROWS.items():
        values = (getattr(one, field) for one in found.values())
        cells = ("-" if value is None else form.format(factor * value) for value in values)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", *ratios(found)])


def ratios(found: Mapping[str, Figures]) -> list[str]:
    """The first way's figures as multiples of every other's."""
    (first, ours), *others = found.items()
    lines = []
    for way, theirs in others:
        pairs = [(name, getattr(ours, name), getattr(theirs, name) or 0) for name in _COMPARED]
        usable = [pair for pair in pairs if pair[1] is not None and pair[2] > _COMPARED[pair[0]]]
        told = [f"{_ROWS[name][0]} {one / other:.2f}" for name, one, other in usable]
        lines += [f"{first} / {way}: " + "; ".join(told)] if told else []
    return lines


_WIDTH, _HEIGHT, _EDGE = 480, 300, 48
_COLOURS = ("#1f6feb", "#d1242f", "#1a7f37", "#8250df")
_LONGEST = 1500
_STEP = 10


def picture(sessions: Mapping[str, Sequence[Session]]) -> str:
    """As SVG: milliseconds after a key to the right, and in how many pauses something is shown by then, upwards."""
    parts = [_frame()]
    for number, (way, rows) in enumerate(sessions.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        points = " ".join(f"{_x(at):.1f},{_y(within(rows, at)):.1f}" for at in range(0, _LONGEST + 1, _STEP))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{_EDGE + 8}" y="{_EDGE + 18 + 16 * number}" fill="{colour}">{way}</text>')
    width, height = _WIDTH + 2 * _EDGE, _HEIGHT + 2 * _EDGE
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif"'
    return (
        f'{head} font-size="12">\n<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _x(milliseconds: float) -> float:
    return _EDGE + _WIDTH * milliseconds / _LONGEST


def _y(share: float) -> float:
    return _EDGE + _HEIGHT * (1 - share)


def _frame() -> str:
    """Axes with a line every fifth of the pauses and every quarter of a second."""
    lines = []
    for fifth in range(6):
        y = _y(fifth / 5)
        lines.append(f'<line x1="{_EDGE}" y1="{y}" x2="{_EDGE + _WIDTH}" y2="{y}" stroke="#ddd"/>')
        lines.append(f'<text x="{_EDGE - 6}" y="{y + 4}" text-anchor="end">{fifth * 20} %</text>')
    for at in range(0, _LONGEST + 1, 250):
        lines.append(f'<line x1="{_x(at)}" y1="{_EDGE}" x2="{_x(at)}" y2="{_EDGE + _HEIGHT}" stroke="#ddd"/>')
        lines.append(f'<text x="{_x(at)}" y="{_EDGE + _HEIGHT + 16}" text-anchor="middle">{at}</text>')
    middle = _EDGE + _WIDTH / 2
    lines.append(f'<text x="{middle}" y="{_EDGE + _HEIGHT + 34}" text-anchor="middle">milliseconds after a key</text>')
    lines.append(f'<text x="{_EDGE}" y="{_EDGE - 12}">pauses in which a suggestion is shown by then</text>')
    return "\n".join(lines)
