"""The application that Ray Serve runs, put together: one deployment for each model, and the way in."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from ray import serve
from ray.serve import Application
from ray.serve.config import RequestRouterConfig

from lsp_server import opening
from lsp_server.cluster.api import Api, hashed
from lsp_server.cluster.options import KEY_VARIABLE, Options, Served
from lsp_server.cluster.replica import Replica
from lsp_server.engines.specs import Spec
from lsp_server.models import download, registry
from lsp_server.settings import Settings

_ONGOING = 2
"""Requests at one replica: one is computed, and the next is there when it is done."""

_CONNECTIONS = 1000
"""Requests at the way in, most of which wait for a replica; the rows' ``queue`` says when that is too many."""

_DRAIN_SECONDS = 30.0
"""For a replica that is to go: its answers may come to their end."""

_STICKY = "ray.serve.experimental.consistent_hash_router.ConsistentHashRouter"
"""Requests of one session go to one replica, which has evaluated most of their prompts already; to the next one where
that is busy."""


_TURNS = {"initial_backoff_s": 0.02, "backoff_multiplier": 1.5, "max_backoff_s": 0.05}
"""How often a request that waits looks for a free replica: all about as often. With pauses that grow to half a second,
as they would otherwise, late ones overtake: of eight clients at one replica, one in twenty waited 9.0 s, not 7.4 s."""


class KeyMissingError(RuntimeError):
    """Nobody could ask, or everybody; the text says what to do."""


def app(options: Mapping[str, Any]) -> Application:
    """The application for `Options`: ``serve run lsp_server.cluster:app model=… replicas=…``.

    Raises KeyMissingError, `ModelError` for an unknown model, and pydantic's ValidationError.
    """
    wanted = Options.model_validate(dict(options))
    keys = [key.strip() for key in os.environ.get(KEY_VARIABLE, "").split(",") if key.strip()]
    if not keys:
        raise KeyMissingError(
            f"set {KEY_VARIABLE} to the key that clients must send, such as the output of `openssl rand -hex 32`"
        )
    names = {served.model: registry.find(served.model).name for served in wanted.models}
    return application(
        [(names[one.model], one, partial(spec_of, one)) for one in wanted.models], keys, wanted.entrances
    )


def application(
    models: Sequence[tuple[str, Served, Callable[[], Spec]]], keys: Sequence[str], entrances: int = 1
) -> Application:
    """The application for models, each with its name, its options, and what finds its spec on a replica's machine."""
    handles = {name: _deployed(name, one, spec) for name, one, spec in models}
    context_tokens = {name: one.context_tokens for name, one, _ in models}
    entrance = serve.deployment(
        serve.ingress()(Api),
        name="api",
        num_replicas=entrances,
        max_ongoing_requests=_CONNECTIONS,
        graceful_shutdown_timeout_s=_DRAIN_SECONDS,
        ray_actor_options={"num_cpus": 0},
    )
    # Only what keys can be recognised by is given to the cluster, which shows it to whoever may look.
    return entrance.bind([hashed(key) for key in keys], handles, context_tokens)


def _deployed(name: str, served: Served, spec: Callable[[], Spec]) -> Application:
    most = served.most_replicas or 0
    scaling: dict[str, Any] = {"num_replicas": served.replicas}
    if most > served.replicas:
        bounds = {"min_replicas": served.replicas, "max_replicas": most, "target_ongoing_requests": 1}
        scaling = {"autoscaling_config": bounds}
    deployment = serve.deployment(
        Replica,
        name=name,
        max_ongoing_requests=_ONGOING,
        max_queued_requests=served.queue,
        graceful_shutdown_timeout_s=_DRAIN_SECONDS,
        ray_actor_options={"num_cpus": served.processors, "num_gpus": served.gpus},
        request_router_config=RequestRouterConfig(request_router_class=_STICKY, **_TURNS),
        **scaling,
    )
    return deployment.bind(spec, served.seconds)


def spec_of(served: Served) -> Spec:
    """What opens the model on this machine. Raises `ModelError`."""
    row = registry.find(served.model)
    path = (download.pull if served.download else download.present)(row)
    return opening.spec_of(row, path, Settings(threads=served.processors), served.context_tokens)
