"""llama.cpp's own decode loop and nothing else, in a process of its own: JSON lines in, JSON lines out.

``python -m tests.benchmarks.decoding.plain_loop MODEL THREADS CONTEXT BATCH``; the first line is the prompt's text as
``{"prompt": …}``, every other one asks for so many tokens after it: ``{"tokens": …}``.
"""

from __future__ import annotations

import ctypes
import json
import sys
import time
from collections.abc import Sequence
from typing import Any

import llama_cpp as native

from lsp_server.engines.tiles import withheld

_PIECE_BYTES = 256


class Loop:
    """One sequence, decoded greedily token by token."""

    def __init__(self, path: str, threads: int, context: int, batch: int) -> None:
        native.llama_backend_init()
        with withheld():
            self._model = native.llama_model_load_from_file(path.encode(), native.llama_model_default_params())
        self._vocabulary = native.llama_model_get_vocab(self._model)
        parameters = native.llama_context_default_params()
        parameters.n_ctx, parameters.n_batch, parameters.n_ubatch = context, batch, batch
        parameters.n_threads = parameters.n_threads_batch = threads
        self._context: Any = native.llama_init_from_model(self._model, parameters)
        self._cells = native.llama_get_memory(self._context)
        self._sampler: Any = native.llama_sampler_init_greedy()
        self._batch = batch
        self._buffer = ctypes.create_string_buffer(_PIECE_BYTES)

    def read(self, text: str) -> None:
        """Evaluate the prompt, which stays."""
        data = text.encode()
        tokens = (native.llama_token * (len(data) + 2))()
        self._length = native.llama_tokenize(self._vocabulary, data, len(data), tokens, len(tokens), True, False)
        for start in range(0, self._length, self._batch):
            self._decode(tokens[start : min(start + self._batch, self._length)])
        self._first = self._chosen()

    def write(self, count: int) -> dict[str, Any]:
        """The ``count`` tokens that follow the prompt, and the seconds from the first to the last of them."""
        native.llama_memory_seq_rm(self._cells, 0, self._length, -1)
        token, text = self._first, self._piece(self._first)
        one = (native.llama_token * 1)()
        began = time.perf_counter()
        for _ in range(count - 1):
            one[0] = token
            native.llama_decode(self._context, native.llama_batch_get_one(one, 1))
            token = native.llama_sampler_sample(self._sampler, self._context, -1)
            text += self._piece(token)
        seconds = time.perf_counter() - began
        return {"seconds": seconds, "depth": self._length, "text": text.decode("utf-8", "replace")}

    def _decode(self, tokens: Sequence[int]) -> None:
        held = (native.llama_token * len(tokens))(*tokens)  # a batch only points at its tokens
        assert native.llama_decode(self._context, native.llama_batch_get_one(held, len(tokens))) == 0

    def _chosen(self) -> int:
        return int(native.llama_sampler_sample(self._sampler, self._context, -1))

    def _piece(self, token: int) -> bytes:
        length = native.llama_token_to_piece(self._vocabulary, token, self._buffer, _PIECE_BYTES, 0, False)
        return self._buffer.raw[:length]


def main() -> None:
    """Answer until the input ends."""
    path, *numbers = sys.argv[1:]
    loop = Loop(path, *map(int, numbers))
    loop.read(json.loads(sys.stdin.readline())["prompt"])
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(loop.write(json.loads(line)["tokens"])), flush=True)


if __name__ == "__main__":
    main()
