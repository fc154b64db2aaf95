"""All models as this machine sees them: which are here, what each needs, where it would fit, how fast it would be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from lsp_server.models import registry, speed, store
from lsp_server.models.choice import Candidate, Choice, choose
from lsp_server.models.describe import Attention, described
from lsp_server.models.errors import ModelError
from lsp_server.models.fit import Need, Place, need, place
from lsp_server.models.hardware import Machine
from lsp_server.models.rows import Model
from lsp_server.models.speed import Speed

_HERE = (store.State.UNVERIFIED, store.State.UNPINNED, store.State.VERIFIED)
_LIBRARIES = {"llama": "llama_cpp", "transformers": "transformers"}


@dataclass(frozen=True)
class Entry:
    """A model and what is known of it here; ``runnable``: the library that computes it is installed."""

    model: Model
    state: store.State
    need: Need
    place: Place
    speed: Speed | None
    runnable: bool

    @property
    def here(self) -> bool:
        """Whether it could answer now."""
        return self.state in _HERE and self.runnable


@dataclass(frozen=True)
class Conditions:
    """``tokens`` a model keeps evaluated, in a cache of ``cache_type``; ``gpus``: the engines that can use the GPUs."""

    machine: Machine
    tokens: int
    cache_type: str
    gpus: frozenset[str]


def survey(conditions: Conditions, models: Iterable[Model] | None = None) -> list[Entry]:
    """Every model's entry, in the order of the rows."""
    measured = speed.known(conditions.machine)
    return [_entry(model, conditions, measured) for model in (registry.load() if models is None else models)]


def chosen(entries: Sequence[Entry], conditions: Conditions) -> Choice:
    """What ``auto`` takes of them."""
    candidates = [Candidate(one.model, one.need, one.speed) for one in entries if one.here]
    return choose(candidates, conditions.machine, "llama" in conditions.gpus)


def _entry(model: Model, conditions: Conditions, measured: Mapping[str, speed.Measured]) -> Entry:
    state = store.state(model)
    size, attention = _files(model) if state in _HERE else (0, None)
    needed = need(model, conditions.tokens, size, attention, conditions.cache_type)
    return Entry(
        model=model,
        state=state,
        need=needed,
        place=place(needed, conditions.machine, model.engine in conditions.gpus),
        speed=speed.expected(model, needed.weights, measured),
        runnable=model.engine in _LIBRARIES and find_spec(_LIBRARIES[model.engine]) is not None,
    )


def _files(model: Model) -> tuple[int, Attention | None]:
    """Bytes of the weights and the shape of the attention, as the files tell."""
    try:
        found = described(store.path_of(model))
    except ModelError:
        # What is wrong with them is told where the model is to be used.
        return 0, None
    return found.bytes, found.attention
