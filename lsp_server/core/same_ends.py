"""How much two texts have in common at their ends: what is between is all that may have to be read again."""

from __future__ import annotations


def same_front(one: str, other: str) -> int:
    """How many characters two texts begin with."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if other.startswith(one[low:middle], low) else (low, middle - 1)
    return low


def same_back(one: str, other: str, front: int) -> int:
    """How many characters they end with, apart from the ``front`` ones that they begin with."""
    low, high = 0, min(len(one), len(other)) - front
    while low < high:
        middle = (low + high + 1) // 2
        end = len(other) - low
        low, high = (
            (middle, high) if other.endswith(one[len(one) - middle : len(one) - low], 0, end) else (low, middle - 1)
        )
    return low
