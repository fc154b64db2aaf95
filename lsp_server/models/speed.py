"""How fast models are on this machine: what was measured of some, kept in a file, and what follows for others.

A measurement holds for one machine and one build of the library. It must never know how it is made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from lsp_server.models.hardware import Machine
from lsp_server.models.rows import Model
from lsp_server.models.store import home


@dataclass(frozen=True)
class Measured:
    """Tokens per second of one model, of ``weights`` bytes and ``parameters`` billions, and who computed them."""

    engine: str
    weights: int
    parameters: float
    prompt: float
    generation: float


@dataclass(frozen=True)
class Speed:
    """Tokens per second; ``measured`` of this very model, else concluded from others."""

    prompt: float
    generation: float
    measured: bool

    def seconds(self, prompt_tokens: int, answer_tokens: int) -> float:
        """How long a prompt and its answer take."""
        return prompt_tokens / self.prompt + answer_tokens / self.generation


def location() -> Path:
    """Where measurements are kept."""
    return home() / "speeds.json"


def fingerprint(machine: Machine) -> str:
    """What a measurement holds for: this machine and these libraries."""
    libraries = [f"{name} {_version(name)}" for name in ("llama-cpp-python", "torch")]
    return "; ".join([machine.identity, *libraries])


def known(machine: Machine) -> dict[str, Measured]:
    """What was measured here with the libraries that are installed, by the model's name."""
    try:
        found = json.loads(location().read_text(encoding="utf-8"))
        if found["fingerprint"] != fingerprint(machine):
            return {}
        return {name: Measured(**row) for name, row in found["measured"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        # It can be measured again.
        return {}


def remember(machine: Machine, name: str, measured: Measured) -> None:
    """Keep a measurement beside those that still hold."""
    rows = {other: asdict(row) for other, row in known(machine).items()}
    content = {"fingerprint": fingerprint(machine), "measured": {**rows, name: asdict(measured)}}
    # On a read-only disk it is measured again next time; that is slow, not wrong.
    with suppress(OSError):
        location().parent.mkdir(parents=True, exist_ok=True)
        partial = location().with_name(location().name + ".partial")
        partial.write_text(json.dumps(content, indent=2), encoding="utf-8")
        partial.replace(location())


def expected(model: Model, weights: int, measured: Mapping[str, Measured]) -> Speed | None:
    """The model's speed where it was measured; else what those of the same engine let expect, None without any."""
    if model.name in measured and measured[model.name].weights == weights:
        own = measured[model.name]
        return Speed(own.prompt, own.generation, measured=True)
    others = [row for row in measured.values() if row.engine == model.engine]
    if not others or not weights or not model.parameters:
        return None
    # A prompt is as much work as the model has parameters; a word is as much as there are weights to be read.
    prompt = _line([(row.parameters, 1 / row.prompt) for row in others], model.parameters)
    generation = _line([(row.weights, 1 / row.generation) for row in others], weights)
    return Speed(1 / prompt, 1 / generation, measured=False)


def _line(points: Sequence[tuple[float, float]], at: float) -> float:
    """The value at ``at`` of a line through ``points``, which never falls: more work takes no less time."""
    size = sum(x for x, _ in points) / len(points)
    value = sum(y for _, y in points) / len(points)
    spread = sum((x - size) ** 2 for x, _ in points)
    slope = sum((x - size) * (y - value) for x, y in points) / spread if spread else 0.0
    if slope <= 0 or slope * size > value:
        # One point, or points that contradict each other: time in proportion to size.
        return value * at / size
    return max(value + slope * (at - size), min(y for _, y in points) * 0.5)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "absent"
