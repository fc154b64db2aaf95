"""From a model's row and its files to the engine that runs it, as the settings say: a line per engine.

It must never know who asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from lsp_server.engines.base import ModelLoadError
from lsp_server.engines.process import EngineProcess
from lsp_server.engines.specs import LlamaSpec, Spec, TransformersSpec
from lsp_server.models.describe import described
from lsp_server.models.fit import need
from lsp_server.models.rows import Model
from lsp_server.settings import Settings


def open_engine(model: Model, path: Path, settings: Settings, room: int | None = None) -> EngineProcess:
    """The engine for what lies at ``path``, not started yet; ``room`` as in `spec_of`.

    Raises:
        ModelLoadError: it needs more memory than the settings allow.
        ModelError: its files cannot be read.
    """
    spec = spec_of(model, path, settings, room)
    if settings.max_memory_megabytes:
        _check_memory(model, path, settings, 2 * spec.context_tokens)
    return EngineProcess(spec, unused_seconds=settings.unload_minutes * 60 or None)


def _check_memory(model: Model, path: Path, settings: Settings, tokens: int) -> None:
    files = described(path)
    needed = need(model, tokens, files.bytes, files.attention, settings.kv_cache_type).memory // 1_000_000
    if needed > settings.max_memory_megabytes:
        raise ModelLoadError(
            f"{model.name} needs about {needed:,} MB of memory, and the setting `maxMemoryMegabytes` is "
            f"{settings.max_memory_megabytes:,}: choose a smaller model (`phi-lsp models list`), lower "
            "`contextTokens`, or allow more"
        )


def spec_of(model: Model, path: Path, settings: Settings, room: int | None = None) -> Spec:
    """What an engine's process is told; ``room`` is the most tokens it holds, where the settings do not decide."""
    if room is None:
        # Prompt and answer share the context, and so do the prompts that stay evaluated side by side.
        room = 2 * (settings.context_tokens + settings.max_tokens)
    return _SPECS[model.engine](model, str(path), min(room, model.context_tokens), settings)


def _llama(_: Model, path: str, room: int, settings: Settings) -> Spec:
    return LlamaSpec(
        path,
        room,
        settings.threads or None,
        gpu_layers=None if settings.gpu_layers < 0 else settings.gpu_layers,
        flash_attention=settings.flash_attention,
        kv_cache_type=settings.kv_cache_type,
        lora_adapters=tuple((str(Path(file).expanduser()), scale) for file, scale in settings.lora_adapters),
        lock_memory=settings.lock_memory,
    )


def _transformers(model: Model, path: str, room: int, settings: Settings) -> Spec:
    return TransformersSpec(
        path,
        room,
        settings.threads or None,
        settings.device,
        settings.precision,
        settings.attention,
        settings.quantize,
        model.trust_remote_code,
        lock_memory=settings.lock_memory,
    )


_SPECS: Mapping[str, Callable[[Model, str, int, Settings], Spec]] = {"llama": _llama, "transformers": _transformers}
"""By what a model's row calls its engine."""
