"""What the pipeline is asked and what it gives back: plain values. They never know how an answer is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lsp_server.core.context import NOTHING_FAR, Context, Far
from lsp_server.core.document import Document
from lsp_server.core.generation import Limits, Prompt
from lsp_server.core.parting import Parting
from lsp_server.core.prompt import Budget
from lsp_server.core.suggestion import Suggestion
from lsp_server.core.target import Target
from lsp_server.engines.base import AsyncEngine
from lsp_server.models.rows import Model
from lsp_server.pipelines.generate import Written


@dataclass(frozen=True)
class Options:
    """How much a completion may cost.

    ``seconds`` None: no deadline. ``candidates`` below 2: the first answer is taken.
    """

    max_tokens: int = 256
    seconds: float | None = None
    candidates: int = 2
    budget: Budget = field(default_factory=Budget)
    patient: bool = True
    """Whether somebody asked and waits: then a gap may be longer than a line, and what cannot fill it is replaced."""
    alternatives: int = 0
    """How many different answers are wished, as far as they come in time; 0: the best one, with its shorter forms."""

    @property
    def limits(self) -> Limits:
        """For the engine."""
        return Limits(self.max_tokens, self.seconds)


@dataclass(frozen=True)
class Request:
    """Complete ``document`` at ``offset`` with the model of ``row``."""

    document: Document
    offset: int
    row: Model
    options: Options = field(default_factory=Options)
    on_lines: Callable[[Suggestion], None] | None = None
    """Is given what of the answer could be shown so far, each time from its beginning."""
    parted: Parting | None = None
    """Where the prompts before it were parted, if it goes on from them."""
    far: Far = NOTHING_FAR
    """What of the file the document leaves out."""


@dataclass(frozen=True)
class Writer:
    """A model and the engine that computes it."""

    row: Model
    engine: AsyncEngine


@dataclass(frozen=True)
class Trace:
    """What was seen and done, for ``explain``, ``status`` and the benchmarks."""

    context: Context | None = None
    target: Target | None = None
    format: str = ""
    prompt: Prompt | None = None
    written: Written = field(default_factory=Written)
    others: tuple[str, ...] = ()
    """What was weighed against it and may be right too; it cost nothing more."""


@dataclass(frozen=True)
class Outcome:
    """Suggestions, best first; where there is none, ``reason`` says why. ``reason`` never quotes the user's code."""

    suggestions: tuple[Suggestion, ...]
    reason: str
    trace: Trace
