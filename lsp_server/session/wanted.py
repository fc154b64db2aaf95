"""What of the settings decides which model is served, and whether a change of them asks for another one.

It must never know how a model is brought.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsp_server.settings import Settings

_DECIDING = (
    "model",
    "threads",
    "context_tokens",
    "max_tokens",
    "gpu_layers",
    "flash_attention",
    "kv_cache_type",
    "lora_adapters",
    "device",
    "precision",
    "attention",
    "quantize",
    "unload_minutes",
    "max_memory_megabytes",
    "lock_memory",
    "remote",
    "remote_model",
    "remote_key_variable",
    "remote_seconds",
    "remote_fallback",
)
"""The settings that decide which model is served, and how."""


@dataclass(frozen=True)
class Wanted:
    """What is to be served: the values of `_DECIDING`, and whether the user ``agreed`` to fetch it."""

    agreed: bool
    reach: tuple[object, ...]
    values: tuple[object, ...]

    @classmethod
    def by(cls, settings: Settings) -> Wanted:
        """What the settings ask for."""
        reach = (settings.model_sources, settings.offline)
        return cls(settings.auto_download, reach, tuple(getattr(settings, name) for name in _DECIDING))

    def differs(self, older: Wanted | None, missing: bool) -> bool:
        """Whether to begin again; for a consent or other sources only while the model is ``missing``."""
        if older is None or replace(self, agreed=older.agreed, reach=older.reach) != older:
            return True
        return missing and (self.reach != older.reach or (self.agreed and not older.agreed))
