"""What can be set of the cluster: arguments of ``serve run``, or ``args`` in the configuration of ``serve deploy``."""

from __future__ import annotations

from pydantic import BaseModel, Field, PositiveFloat, PositiveInt

KEY_VARIABLE = "PHI_LSP_CLUSTER_KEY"
"""Environment variable with the keys that clients may use, separated by commas."""


class Served(BaseModel, extra="forbid"):
    """One model: a deployment of its own."""

    model: str = "default"
    """A name from ``phi-lsp models list``, or the path that a file has on every machine."""

    replicas: PositiveInt = 1
    most_replicas: PositiveInt | None = None
    """Where it is more than ``replicas``, there are more of them while the load calls for it."""

    processors: PositiveInt = 1
    """Cores that one replica takes from the cluster, and threads that it computes with."""

    gpus: float = Field(0, ge=0)
    """Accelerators that one replica takes from the cluster."""

    context_tokens: PositiveInt = 4096
    queue: PositiveInt = 16
    """Requests that may wait for a replica; one more is refused as too many (429)."""

    seconds: PositiveFloat = 60
    """The longest that one answer may take."""

    download: bool = False
    """Whether a machine that does not have the model may fetch it."""


class Options(Served):
    """The model, and others that the same address serves."""

    also: list[Served] = []
    entrances: PositiveInt = 1
    """Processes that take requests and hand them on. With two, one may die and nobody waits for its successor."""

    @property
    def models(self) -> list[Served]:
        """All of them."""
        return [Served(**self.model_dump(exclude={"also", "entrances"})), *self.also]
