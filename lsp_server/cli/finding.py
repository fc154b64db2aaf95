"""What a check of `phi-lsp doctor` says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """What a check found, and what to do about it; ``remedy`` is empty when there is nothing to do."""

    ok: bool
    detail: str
    remedy: str = ""

    @classmethod
    def of(cls, ok: bool, detail: str, remedy: str) -> Finding:
        """The finding whose ``remedy`` is for the case that it is not ``ok``."""
        return cls(ok, detail, "" if ok else remedy)
