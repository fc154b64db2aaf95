"""Distributions of times in milliseconds, and the table that shows them beside the bars they must keep."""

from __future__ import annotations

import os
from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

Milliseconds = list[float]
Figures = dict[str, float]


def percentile(times: Milliseconds, percent: int) -> float:
    """The smallest time that so many percent of ``times`` do not exceed."""
    return sorted(times)[max(-(-len(times) * percent // 100) - 1, 0)]


def figures(times: Milliseconds) -> Figures:
    """What is shown of a distribution."""
    return {
        "n": len(times),
        "p50": percentile(times, 50),
        "p95": percentile(times, 95),
        "max": max(times),
    }


def all_figures(measured: Mapping[str, Mapping[str, Milliseconds]]) -> dict[str, dict[str, Figures]]:
    """The same of every row of every kind."""
    return {kind: {name: figures(times) for name, times in rows.items() if times} for kind, rows in measured.items()}


def show(title: str, results: Mapping[str, Mapping[str, Figures]], bars: Mapping[str, float]) -> None:
    """Print one table; ``bars`` has the 95th percentile that each kind must keep."""
    table = Table("", "n", "p50 ms", "p95 ms", "max ms", "bar, p95 ms", title=title)
    for kind, rows in results.items():
        for name, row in rows.items():
            numbers = [f"{row[key]:,.1f}" for key in ("p50", "p95", "max")]
            table.add_row(f"{kind}: {name}", f"{row['n']:.0f}", *numbers, f"{bars[kind]:.0f}")
    Console().print(table)
    Console().print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
