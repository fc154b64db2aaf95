"""What is written down of a session, as JSON keeps it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Account:
    """What a client's requests cost, as the servers tell; of a request that was cancelled nobody tells."""

    requests: int = 0
    answers: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    generated_tokens: int = 0
    nothing: dict[str, int] = field(default_factory=dict)
    """How many answers were empty, by reason."""

    def add(self, prompt: int, cached: int, generated: int) -> None:
        """An answer of the engine; ``cached`` tokens of its ``prompt`` were not evaluated."""
        self.answers += 1
        self.prompt_tokens += prompt
        self.cached_tokens += cached
        self.generated_tokens += generated


@dataclass(frozen=True)
class Pause:
    """After ``at`` characters: how long it lasted, and when something was shown in it and by whom (None: nothing)."""

    at: int
    seconds: float
    shown: float | None
    source: str | None


@dataclass
class Session:
    """One function typed one way; times are seconds."""

    way: str
    task: str
    digest: str
    language: str
    characters: int
    keys: int
    """Keys that the function takes where nothing is suggested, slips not counted."""
    pauses: list[Pause] = field(default_factory=list)
    accepted: list[tuple[int, str, int]] = field(default_factory=list)
    """Where, what, with how many presses."""
    places: dict[str, int] = field(default_factory=dict)
    """At how many places something was shown first, by who had it."""
    saved: int = 0
    seconds: float = 0.0
    processor: float = 0.0
    """Processor seconds of the way's processes."""
    memory: list[dict[str, Any]] = field(default_factory=list)
    account: Account = field(default_factory=Account)

    @classmethod
    def of(cls, row: dict[str, Any]) -> Session:
        """The inverse of `plain`."""
        pauses = [Pause(**pause) for pause in row["pauses"]]
        accepted = [(at, text, presses) for at, text, presses in row["accepted"]]
        return cls(**{**row, "pauses": pauses, "accepted": accepted, "account": Account(**row["account"])})

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)
