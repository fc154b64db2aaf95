"""llama-cpp-python as its own documentation shows it, in a process of its own: JSON lines in, JSON lines out.

``python -m tests.benchmarks.typing.plain_engine MODEL THREADS CONTEXT``; a line asks
``{"prompt": …, "max_tokens": …, "stop": […]}``.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from llama_cpp import Llama

from lsp_server.engines.tiles import withheld
from tests.benchmarks.typing.agreement import common_length


def answer(model: Llama, asked: dict[str, Any]) -> dict[str, Any]:
    """The text, and what it cost: the library keeps what the prompt has in common with the one before."""
    tokens = model.tokenize(asked["prompt"].encode(), special=True)
    known = model.input_ids[: model.n_tokens].tolist()
    cached = min(common_length(known, tokens), len(tokens) - 1)
    reply: Any = model.create_completion(tokens, max_tokens=asked["max_tokens"], stop=asked["stop"], temperature=0.0)
    generated = reply["usage"]["completion_tokens"]
    return {"text": reply["choices"][0]["text"], "prompt": len(tokens), "cached": cached, "generated": generated}


def main() -> None:
    """Answer until the input ends."""
    path, threads, context = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with withheld():
        model = Llama(path, n_threads=threads, n_threads_batch=threads, n_ctx=context, verbose=False)
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(model, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
