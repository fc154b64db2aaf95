"""PyTorch and transformers as a `model.Model`: checkpoints in folders.

Keys and values of all sequences lie in one store per layer (`cells` says what lies where), so that a common prefix is
held once and alternatives are evaluated in one batch. It never decides what to decode, nor (that is `execution`) where
and how to compute.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from lsp_server.core.generation import Prompt
from lsp_server.engines.base import EngineError, ModelLoadError
from lsp_server.engines.cells import Cells, Indices, span
from lsp_server.engines.greedy import GreedyEngine
from lsp_server.engines.hf_network import Network, explained, load
from lsp_server.engines.model import TOKENS_KNOWN, Logits, Row
from lsp_server.engines.specs import TransformersSpec
from lsp_server.engines.watch import Watch

Tensor = Any
"""A ``torch.Tensor``; the library is imported late."""

_BATCH_TOKENS = 256
_WANTED_TOKENS = 128

_LAYERS = ("DynamicLayer", "DynamicSlidingWindowLayer")
"""What the library calls layers that remember keys and values, and nothing else."""


def open_engine(spec: Mapping[str, Any], cancelled: Callable[[], bool]) -> GreedyEngine:
    """The engine for a `TransformersSpec` that came as JSON. Raises ModelLoadError with what to do."""
    watch = Watch(cancelled)
    return GreedyEngine(TransformersModel(TransformersSpec(**spec), watch), watch)


class TransformersModel:
    """A loaded checkpoint and the keys and values of what it has read. Implements `model.Model`."""

    def __init__(self, spec: TransformersSpec, watch: Watch) -> None:
        loaded = load(spec, watch)
        self._network = loaded.network
        self._fix_sizes(spec)
        self._turn = _Turn(self.room, loaded.network)
        self.vocabulary_size = loaded.network.config.get_text_config().vocab_size
        self._cache = _cache(self._network, self._turn)
        self._cells = Cells(self.prompts_kept + self.branches, self.room)
        self._logits: list[Logits] = []
        self.facts = loaded.facts | {"context_tokens": self.context_tokens}
        self.tokens: Callable[[Prompt], list[int]] = loaded.vocabulary.tokens
        self.text_tokens: Callable[[str], list[int]] = loaded.vocabulary.text_tokens
        self.piece: Callable[[int], bytes] = lru_cache(maxsize=TOKENS_KNOWN)(loaded.vocabulary.piece)
        self.ends: Callable[[int], bool] = lru_cache(maxsize=TOKENS_KNOWN)(loaded.vocabulary.ends)

    def _fix_sizes(self, spec: TransformersSpec) -> None:
        self.context_tokens = min(spec.context_tokens, *_context_limits(self._network))
        self.room = 2 * self.context_tokens
        self.batch_tokens = min(_BATCH_TOKENS, self.context_tokens)
        self.wanted_tokens = min(_WANTED_TOKENS, self.batch_tokens)
        self.prompts_kept = spec.prompts_kept
        self.branches = min(spec.branches, self.wanted_tokens)
        # Other attention takes no mask of ours; older models make theirs from something else.
        takes_masks = self._network.config._attn_implementation in ("sdpa", "eager")  # noqa: SLF001 -- no other way
        self._side_by_side = takes_masks and self._network._supports_attention_backend  # noqa: SLF001 -- no other way

    def decode(self, rows: Sequence[Row]) -> None:
        """See `model.Model`. Raises EngineError when the library fails."""
        cells = self._cells.claim(rows)
        found: dict[int, Logits] = {}
        try:
            with explained(f"{len(rows)} tokens could not be evaluated", EngineError):
                for part in self._parts(rows):
                    found.update(self._evaluated(rows, part, cells))
        except BaseException:
            self._cells.release(cells)
            raise
        self._logits = [found[at] for at in sorted(found)]

    def _parts(self, rows: Sequence[Row]) -> list[list[int]]:
        """Which rows are evaluated in one go: all, or those of one sequence after the other."""
        if self._side_by_side:
            return [list(range(len(rows)))]
        sequences = dict.fromkeys(row.sequence for row in rows)
        return [[at for at, row in enumerate(rows) if row.sequence == sequence] for sequence in sequences]

    def _evaluated(self, rows: Sequence[Row], part: Sequence[int], cells: Indices) -> dict[int, Logits]:
        """The logits after each wanted one of the rows at ``part``."""
        import torch  # noqa: PLC0415 -- only when a model is opened

        chosen = [rows[at] for at in part]
        sequences = sorted({row.sequence for row in chosen})
        looked_at = self._cells.held(sequences)
        self._turn.begin(cells[list(part)], looked_at)
        device = self._network.get_input_embeddings().weight.device
        wanted = [at for at, row in enumerate(chosen) if row.wanted]
        with torch.inference_mode():
            output = self._network(
                input_ids=torch.tensor([[row.token for row in chosen]], device=device),
                position_ids=torch.tensor([[row.position for row in chosen]], device=device),
                # One sequence alone is causal in the order of its cells, as the library assumes when told nothing.
                attention_mask=None if len(sequences) == 1 else self._mask(chosen, looked_at, device),
                cache=self._cache,
                use_cache=True,
                logits_to_keep=torch.tensor(wanted or [len(chosen) - 1], device=device),
            )
            logits: Logits = output.logits[0].float().cpu().numpy()
        return {part[at]: logits[row] for row, at in enumerate(wanted)}

    def _mask(self, rows: Sequence[Row], cells: Indices, device: object) -> Tensor:
        """[1, 1, rows, cells]: True or, for attention that adds it, 0 where a row may look."""
        import torch  # noqa: PLC0415 -- only when a model is opened

        visible = torch.from_numpy(self._cells.visible(rows, cells))[None, None].to(device)
        if self._network.config._attn_implementation == "sdpa":  # noqa: SLF001 -- no other way
            return visible
        hidden = torch.finfo(self._network.dtype).min
        return torch.zeros(visible.shape, dtype=self._network.dtype, device=device).masked_fill(~visible, hidden)

    def logits(self, row: int) -> Logits:
        """See `model.Model`."""
        return self._logits[row]

    def truncate(self, sequence: int, length: int) -> bool:
        """See `prefix.Store`."""
        self._cells.truncate(sequence, length)
        return True

    def share(self, source: int, target: int, length: int) -> None:
        """See `prefix.Store`."""
        self._cells.share(source, target, length)


class _Turn:
    """What all layers have to know of the batch that is being evaluated: where it is kept, what it looks at."""

    def __init__(self, room: int, network: Network) -> None:
        self.room = room
        self.known = 0
        self.highest = 0
        self.kept: slice | Tensor = slice(0)
        self.looked_at: slice | Tensor = slice(0)
        devices = {parameter.device for parameter in network.parameters()}
        # Indices are fastest beside what they point into; where that is in several places, only memory suits all.
        self._device = devices.pop() if len(devices) == 1 else "cpu"

    def begin(self, kept: Indices, looked_at: Indices) -> None:
        """A batch begins that is kept in the cells ``kept`` and looks at ``looked_at``, those included."""
        self.known = len(looked_at) - len(kept)
        self.highest = int(kept.max())
        self.kept = self._index(kept)
        self.looked_at = self._index(looked_at)

    def _index(self, cells: Indices) -> slice | Tensor:
        import torch  # noqa: PLC0415 -- only when a model is opened

        return span(cells) or torch.from_numpy(cells).to(self._device)


def _cache(network: Network, turn: _Turn) -> object:
    """The library's cache of keys and values, whose layers keep them in cells."""
    from transformers.cache_utils import Cache, DynamicCache, DynamicLayer  # noqa: PLC0415 -- only when opened

    class Layer(DynamicLayer):  # type: ignore[misc]  # the libraries are not looked into by the type checker
        """Keys and values of one layer, each [1, heads, cells, size]; grown as cells are used."""

        keys: Tensor
        values: Tensor

        def update(self, key_states: Tensor, value_states: Tensor, *_: object, **__: object) -> tuple[Tensor, Tensor]:
            """Keep those of the batch; all that it looks at, its own included."""
            self.keys = _grown(self.keys, key_states, turn)
            self.values = _grown(self.values, value_states, turn)
            self.keys[:, :, turn.kept] = key_states
            self.values[:, :, turn.kept] = value_states
            return self.keys[:, :, turn.looked_at], self.values[:, :, turn.looked_at]

        def get_seq_length(self) -> int:
            """How many tokens the batch looks back at."""
            return turn.known

    return Cache(layers=[Layer() for _ in DynamicCache(config=network.config).layers])


def _grown(held: Tensor, like: Tensor, turn: _Turn) -> Tensor:
    """``held``, [1, heads, cells, size], or a longer copy when the turn needs more cells than it has."""
    cells = 0 if held is None else held.shape[2]
    if turn.highest < cells:
        return held
    longer = like.new_zeros((1, like.shape[1], min(turn.room, max(2 * cells, turn.highest + 1, 512)), like.shape[3]))
    if held is not None:
        longer[:, :, :cells] = held
    return longer


def _context_limits(network: Network) -> Iterator[int]:
    """What the model was trained for; within the window of its sliding layers these are like all others.

    Raises ModelLoadError for models that remember in another way than by keys and values.
    """
    from transformers.cache_utils import DynamicCache  # noqa: PLC0415 -- only when a model is opened

    yield getattr(network.config, "max_position_embeddings", sys.maxsize)  # of some, positions have no end
    for layer in DynamicCache(config=network.config).layers:
        if type(layer).__name__ not in _LAYERS:
            raise ModelLoadError(
                f"models of the kind {network.config.model_type} remember in a way that cannot be shared "
                f"({type(layer).__name__}): take the model's GGUF file, which llama.cpp runs"
            )
        if layer.is_sliding:
            yield layer.sliding_window
