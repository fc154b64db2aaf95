"""llama.cpp as a `model.Model`: GGUF files on this machine. The only file that imports ``llama_cpp``.

It uses the low-level binding, because the engine needs what the high-level one hides: stopping in the middle
of a prompt, several sequences over one evaluated prompt, control tokens only where they are meant.
It never decides what to decode.
"""

from __future__ import annotations

import ctypes
import os
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from time import perf_counter
from types import ModuleType
from typing import Any

import numpy as np
import psutil

from lsp_server.core.generation import Prompt
from lsp_server.engines.base import EngineError, ModelLoadError
from lsp_server.engines.cores import usable_cores
from lsp_server.engines.greedy import GreedyEngine
from lsp_server.engines.mapped import release
from lsp_server.engines.model import TOKENS_KNOWN, Logits, Row
from lsp_server.engines.offload import (
    CACHE_BYTES,
    CACHE_TYPES,
    FLASH_ATTENTION,
    GPUS,
    Shape,
    check_options,
    free_bytes,
    layers_that_fit,
)
from lsp_server.engines.pace import Pace
from lsp_server.engines.specs import LlamaSpec
from lsp_server.engines.tiles import withheld
from lsp_server.engines.watch import Interrupted, Watch

_BATCH_TOKENS = 64
"""Tokens evaluated in one go: what they need meanwhile takes memory, and four times as many are hardly faster."""

_WANTED_TOKENS = 32
"""Of these the logits may be asked for; each takes 0.6 MB of memory twice with 152 thousand words."""

_ERROR_LEVEL = 4
_ABORTED = 2


def open_engine(spec: Mapping[str, Any], cancelled: Callable[[], bool]) -> GreedyEngine:
    """The engine for a `LlamaSpec` that came as JSON. Raises ModelLoadError with the path and the reason."""
    watch = Watch(cancelled)
    return GreedyEngine(LlamaModel(LlamaSpec(**spec), watch), watch)


def _library() -> ModuleType:
    # Waiting threads spin for about ten microseconds, then sleep. Most waits are shorter: sleeping through each of them
    # makes answers 1.7 times slower, and spinning on is worse once another program wants a core.
    # OpenMP reads this when it is loaded; only GNU's knows the second.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    import llama_cpp  # noqa: PLC0415 -- after the environment is set, and only when a model is opened

    return llama_cpp


class LlamaModel:
    """A loaded model and its context. Implements `model.Model`."""

    def __init__(self, spec: LlamaSpec, watch: Watch) -> None:
        self._watch = watch
        self._native = _library()
        self._complaints: deque[str] = deque(maxlen=3)
        self._quieten()
        check_options(spec)
        self._model = self._load(spec)
        self._vocabulary = self._native.llama_model_get_vocab(self._model)
        self.vocabulary_size = self._native.llama_vocab_n_tokens(self._vocabulary)
        self._fix_sizes(spec)
        # Adapters must be there before the context is made, which sets memory aside for them.
        adapters = [self._adapter(path) for path, _ in spec.lora_adapters]
        self._threads = spec.threads or usable_cores()
        self._pace = Pace(self._threads)
        self._context = self._open_context(spec, self._threads)
        self._use(adapters, [scale for _, scale in spec.lora_adapters])
        release(Path(spec.path))
        self._cells = self._native.llama_get_memory(self._context)
        self._batch = _Batch(self._native, self.batch_tokens)
        self.piece = lru_cache(maxsize=TOKENS_KNOWN)(self._piece)
        self.ends = lru_cache(maxsize=TOKENS_KNOWN)(self._ends)

    def _quieten(self) -> None:
        """Keep the library's last errors for our own messages and drop the rest of what it prints."""

        def hear(level: int, text: bytes, _: object) -> None:
            if level == _ERROR_LEVEL:
                self._complaints.append(text.decode("utf-8", "replace").strip())

        self._log_callback = self._native.llama_log_callback(hear)  # referenced, or it would be collected
        self._native.llama_log_set(self._log_callback, ctypes.c_void_p(0))
        self._native.llama_backend_init()

    def _load(self, spec: LlamaSpec) -> Any:  # noqa: ANN401 -- an opaque native pointer
        path = Path(spec.path)
        _check_file(path)
        parameters = self._native.llama_model_default_params()
        self._progress_callback = self._native.llama_progress_callback(lambda _progress, _: not self._watch())
        parameters.progress_callback = self._progress_callback
        parameters.n_gpu_layers = self.gpu_layers = self._gpu_layers(spec, _free_gpu_bytes(self._native))
        return self._loaded(path, parameters)

    def _loaded(self, path: Path, parameters: Any) -> Any:  # noqa: ANN401 -- native values
        with withheld():
            model = self._native.llama_model_load_from_file(os.fsencode(path), parameters)
        if not model:
            raise self._failure(f"the model {path} could not be loaded")
        return model

    def _gpu_layers(self, spec: LlamaSpec, free: int) -> int:
        """Layers for the GPUs, which have ``free`` bytes together; none without a GPU that can be used."""
        if not free:
            return 0
        if spec.gpu_layers is not None:
            return spec.gpu_layers
        parameters = self._native.llama_model_default_params()
        # Sizes only: the weights are not read. A mapped file would be, and the library ends the process over it.
        parameters.no_alloc, parameters.load_mode = True, self._native.LLAMA_LOAD_MODE_NONE
        model = self._loaded(Path(spec.path), parameters)
        try:
            return layers_that_fit(self._shape(model, spec), free)
        finally:
            self._native.llama_model_free(model)

    def _shape(self, model: Any, spec: LlamaSpec) -> Shape:  # noqa: ANN401 -- an opaque native pointer
        native = self._native
        layers = native.llama_model_n_layer(model)
        heads = native.llama_model_n_head_kv(model) / max(native.llama_model_n_head(model), 1)
        numbers = 2 * layers * heads * native.llama_model_n_embd(model)
        tokens = 2 * min(spec.context_tokens, native.llama_model_n_ctx_train(model))
        return Shape(layers, native.llama_model_size(model), int(tokens * numbers * CACHE_BYTES[spec.kv_cache_type]))

    def _fix_sizes(self, spec: LlamaSpec) -> None:
        trained_for = self._native.llama_model_n_ctx_train(self._model)
        stateful = self._native.llama_model_is_recurrent(self._model) or self._native.llama_model_is_hybrid(self._model)
        self.context_tokens = min(spec.context_tokens, trained_for)
        self.room = 2 * self.context_tokens
        self.batch_tokens = min(_BATCH_TOKENS, self.context_tokens)
        self.wanted_tokens = min(_WANTED_TOKENS, self.batch_tokens)
        # A recurrent state cannot be shared in part, so such a model remembers one prompt and has no alternatives.
        self.prompts_kept = 1 if stateful else spec.prompts_kept
        self.branches = 1 if stateful else min(spec.branches, self.wanted_tokens)

    def _open_context(self, spec: LlamaSpec, threads: int) -> Any:  # noqa: ANN401 -- an opaque native pointer
        self._abort_callback = self._native.ggml_abort_callback(lambda _: self._watch())
        parameters = self._native.llama_context_default_params()
        parameters.n_ctx = self.room
        parameters.n_outputs_max = self.wanted_tokens
        parameters.n_batch = parameters.n_ubatch = self.batch_tokens
        parameters.n_seq_max = self.prompts_kept + self.branches
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.kv_unified = True  # sequences share the cells of a common prefix, and all the room
        parameters.abort_callback = self._abort_callback
        parameters.flash_attn_type = FLASH_ATTENTION[self._attention(spec)]
        parameters.type_k = parameters.type_v = CACHE_TYPES[spec.kv_cache_type]
        context = self._native.llama_init_from_model(self._model, parameters)
        if not context:
            raise self._failure(f"no context of {self.context_tokens} tokens could be made for {spec.path}")
        self.facts: dict[str, object] = {
            "path": spec.path,
            "context_tokens": self.context_tokens,
            "threads": threads,
            "layers": self._native.llama_model_n_layer(self._model),
            "gpu_layers": self.gpu_layers,
            "gpu_build": bool(self._native.llama_supports_gpu_offload()),
            "kv_cache_type": spec.kv_cache_type,
            "lora_adapters": [path for path, _ in spec.lora_adapters],
        }
        return context

    def _attention(self, spec: LlamaSpec) -> str:
        """``auto`` is off on the processor, where it is no faster for the lengths of our prompts.

        There it also rounds otherwise with each number of threads, and of tokens evaluated at once: the same prompt
        would get another answer where two are as likely.
        """
        plain = spec.flash_attention == "auto" and not self.gpu_layers and spec.kv_cache_type == "f16"
        return "off" if plain else spec.flash_attention

    def _adapter(self, path: str) -> Any:  # noqa: ANN401 -- an opaque native pointer
        _check_file(Path(path))
        adapter = self._native.llama_adapter_lora_init(self._model, os.fsencode(path))
        if not adapter:
            raise self._failure(f"the LoRA adapter {path} could not be applied to this model")
        return adapter

    def _use(self, adapters: Sequence[Any], scales: Sequence[float]) -> None:
        """Compute with these adapters from now on; they belong to the model and go with it."""
        if not adapters:
            return
        count = len(adapters)
        pointers = (self._native.llama_adapter_lora_p_ctypes * count)(*adapters)
        if self._native.llama_set_adapters_lora(self._context, pointers, count, (ctypes.c_float * count)(*scales)):
            raise self._failure("the LoRA adapters could not be used together")

    def _failure(self, what: str) -> ModelLoadError:
        memory = f"{psutil.virtual_memory().available / 2**30:.1f} GiB of memory are free"
        return ModelLoadError(f"{what}: {'; '.join(self._complaints) or 'no reason given'} ({memory})")

    def tokens(self, prompt: Prompt) -> list[int]:
        """See `model.Model`. Neighbouring literal segments are tokenised as one text."""
        beginning = self._beginning()
        tokens: list[int] = []
        for special, segments in groupby(prompt.segments, key=lambda segment: segment.special):
            tokens += self._tokenised("".join(segment.text for segment in segments), special)
        if tokens[: len(beginning)] != beginning:
            tokens = beginning + tokens
        if not tokens:
            raise EngineError("the prompt is empty: there is nothing to continue")
        return tokens

    def text_tokens(self, text: str) -> list[int]:
        """See `model.Model`."""
        return self._tokenised(text, special=False)

    def _beginning(self) -> list[int]:
        """What the model wants in front of every text: one token or none."""
        wanted = self._native.llama_vocab_get_add_bos(self._vocabulary)
        return [self._native.llama_vocab_bos(self._vocabulary)] if wanted else []

    def _tokenised(self, text: str, special: bool) -> list[int]:
        data = text.encode("utf-8", "replace")
        room = len(data) + 2  # a token is at least a byte; some vocabularies add a leading space
        tokens = (self._native.llama_token * room)()
        found = self._native.llama_tokenize(self._vocabulary, data, len(data), tokens, room, False, special)
        if found < 0:
            raise EngineError(f"the text could not be split into tokens (code {found})")
        return list(tokens[:found])

    def _piece(self, token: int) -> bytes:
        size = 256  # the longest token of any vocabulary seen is 128 spaces
        buffer = ctypes.create_string_buffer(size)
        length = self._native.llama_token_to_piece(self._vocabulary, token, buffer, size, 0, False)
        return buffer.raw[: max(length, 0)]

    def _ends(self, token: int) -> bool:
        ends = self._native.llama_vocab_is_eog(self._vocabulary, token)
        return bool(ends or self._native.llama_vocab_is_control(self._vocabulary, token))

    def decode(self, rows: Sequence[Row]) -> None:
        """See `model.Model`. Raises EngineError when the library fails."""
        batch = self._batch.filled(rows)
        code = self._step(batch) if len(rows) == 1 else self._native.llama_decode(self._context, batch)
        if code == 0:
            return
        for sequence, start in _starts(rows).items():
            self.truncate(sequence, start)
        if code == _ABORTED:
            raise Interrupted
        raise EngineError(
            f"llama.cpp could not evaluate {len(rows)} tokens (code {code}): {'; '.join(self._complaints)}"
        )

    def _step(self, batch: Any) -> int:  # noqa: ANN401 -- a native struct
        """Evaluate a single token, as an answer's are, with as many threads as are fastest."""
        threads = self._pace.threads()
        self._native.llama_set_n_threads(self._context, threads, self._threads)
        began = perf_counter()
        code: int = self._native.llama_decode(self._context, batch)
        if code == 0:
            self._pace.took(threads, perf_counter() - began)
        return code

    def logits(self, row: int) -> Logits:
        """See `model.Model`."""
        pointer = self._native.llama_get_logits_ith(self._context, row)
        return np.ctypeslib.as_array(pointer, shape=(self.vocabulary_size,))

    def truncate(self, sequence: int, length: int) -> bool:
        """See `prefix.Store`."""
        return bool(self._native.llama_memory_seq_rm(self._cells, sequence, length, -1))

    def share(self, source: int, target: int, length: int) -> None:
        """See `prefix.Store`."""
        self._native.llama_memory_seq_cp(self._cells, source, target, 0, length)


class _Batch:
    """The arrays of a native batch, filled through numpy: setting ctypes fields one by one is slow."""

    def __init__(self, native: ModuleType, size: int) -> None:
        self._native = native
        self._batch = native.llama_batch_init(size, 0, 1)
        as_array = np.ctypeslib.as_array
        self._tokens = as_array(self._batch.token, (size,))
        self._positions = as_array(self._batch.pos, (size,))
        self._wanted = as_array(self._batch.logits, (size,))
        self._sequences = [as_array(self._batch.seq_id[row], (1,)) for row in range(size)]
        as_array(self._batch.n_seq_id, (size,))[:] = 1

    def filled(self, rows: Sequence[Row]) -> Any:  # noqa: ANN401 -- a native struct
        """The batch with ``rows`` in it."""
        count = self._batch.n_tokens = len(rows)
        self._tokens[:count] = [row.token for row in rows]
        self._positions[:count] = [row.position for row in rows]
        self._wanted[:count] = [row.wanted for row in rows]
        for sequence, row in zip(self._sequences, rows, strict=False):
            sequence[0] = row.sequence
        return self._batch


def _starts(rows: Sequence[Row]) -> dict[int, int]:
    """For each sequence in the batch the first position that the batch would have filled."""
    starts: dict[int, int] = {}
    for row in rows:
        starts[row.sequence] = min(row.position, starts.get(row.sequence, row.position))
    return starts


def _free_gpu_bytes(native: ModuleType) -> int:
    if not native.llama_supports_gpu_offload():
        return 0
    from llama_cpp._ggml import libggml  # noqa: PLC0415 -- as the rest of the library, when a model is opened

    return free_bytes(libggml, GPUS)


def _check_file(path: Path) -> None:
    """Say what is wrong with the file before the library does so less clearly."""
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as error:
        raise ModelLoadError(f"the model {path} cannot be read: {error.strerror}") from None
    if magic != b"GGUF":
        raise ModelLoadError(f"{path} is not a GGUF file; fetch the model again")
