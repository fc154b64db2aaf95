"""A Ray cluster of nodes on this machine, our application on it: ``python -m tests.cluster.local_cluster JSON``.

The JSON holds ``port``, ``key``, ``nodes`` (cores of each) and ``models``: rows of ``name``, ``served`` (see
`lsp_server.cluster.options.Served`) and either ``path`` (a GGUF file) or ``scripted`` (true). It says ``ready``, and
ends, leaving nothing, when its input does; ``drain`` on its input takes the application away gently.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

os.environ |= {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
    # Workers are started as they are needed.
    "RAY_prestart_worker_first_driver": "0",
}

import ray
from ray import serve
from ray.cluster_utils import Cluster

from lsp_server.cluster import application
from lsp_server.cluster.options import Served
from lsp_server.engines.specs import LlamaSpec, Script, ScriptedSpec, Spec

WORDS = tuple(f"{number} " for number in range(40))
"""An answer in which a missing or a doubled piece shows."""

SCRIPTED = ScriptedSpec(
    (
        Script(WORDS, when="Words", piece_delay=0.02),
        Script(tuple("counting up and up ") * 400, when="Count", piece_delay=0.002),
        Script((), when="def add(first, second)", prompt_delay=1000.0),
        Script(("a", "b", "\n", "c")),
        Script(("d", "\n")),
    ),
    context_tokens=100_000,
)
_STORE_BYTES = 80_000_000


def main() -> None:
    """Serve until the input ends."""
    wish = json.loads(sys.argv[1])
    head, *others = wish["nodes"]
    node = {"object_store_memory": _STORE_BYTES}
    cluster = Cluster(initialize_head=True, head_node_args={**node, "num_cpus": head, "include_dashboard": False})
    for cores in others:
        cluster.add_node(num_cpus=cores, **node)
    try:
        ray.init(address=cluster.address, log_to_driver=False, logging_level="warning")
        serve.start(proxy_location="HeadOnly", http_options={"host": "127.0.0.1", "port": wish["port"]})
        models = [(row["name"], Served(**row["served"]), _spec(row)) for row in wish["models"]]
        serve.run(application(models, [wish["key"]]))
        print("ready", flush=True)
        for line in sys.stdin:
            if line.strip() == "drain":
                serve.delete("default")
                print("drained", flush=True)
    finally:
        serve.shutdown()
        ray.shutdown()
        cluster.shutdown()


def _spec(row: dict[str, Any]) -> Callable[[], Spec]:
    if row.get("scripted"):
        return partial(_same, ScriptedSpec(SCRIPTED.scripts, context_tokens=row["served"]["context_tokens"]))
    return partial(_same, LlamaSpec(row["path"], row["served"]["context_tokens"], 1))


def _same(spec: Spec) -> Spec:
    return spec


if __name__ == "__main__":
    main()
