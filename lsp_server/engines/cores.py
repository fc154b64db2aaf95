"""How many threads are worth computing with. It never knows what is computed."""

from __future__ import annotations

import os

import psutil


def usable_cores() -> int:
    """Physical cores that this process may run on, eight at most: more do not make small models faster."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(psutil.cpu_count(logical=False) or 1, allowed, 8))
