"""The seam between pipelines and models.

An engine is one method, `stream`. Enough, cancelled and too late are all the same act:
stop iterating and close. `Ranker` is an optional second ability: decoding several
alternatives side by side over one evaluated prompt, scoring texts by likelihood, and reading them token by token.

Errors::

    EngineError            anything an engine reports; str() is fit for a user
    ├── ModelLoadError     the model could not be opened
    ├── PromptTooLong      the prompt does not fit the context
    ├── EngineCrashed      the engine's process died or hung; it will be started again
    ├── EngineBusy         a server has more requests than it can take: no suggestion now
    └── EngineUnreachable  a server elsewhere does not answer; somebody else may
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

from lsp_server.core.generation import Branch, Limits, Piece, Prompt, Reading


class EngineError(Exception):
    """Anything an engine reports; the text is one a user can act on."""


class ModelLoadError(EngineError):
    """The model could not be opened."""


class PromptTooLong(EngineError):  # noqa: N818 -- says it better without "Error"
    """The prompt does not fit the model's context."""

    @classmethod
    def of(cls, prompt_tokens: int, answer_tokens: int, context_tokens: int) -> PromptTooLong:
        """The error in numbers."""
        return cls(
            f"the prompt has {prompt_tokens} tokens and the answer may take {answer_tokens}, but the model's context "
            f"holds {context_tokens}: shorten the prompt, ask for fewer tokens, or raise the context size"
        )


class EngineCrashed(EngineError):  # noqa: N818 -- says it better without "Error"
    """The engine's process died or hung; it is started again for the next request."""


class EngineBusy(EngineError):  # noqa: N818 -- says it better without "Error"
    """A server has more requests than it can take; asking again later is all there is to do."""


class EngineUnreachable(EngineError):  # noqa: N818 -- says it better without "Error"
    """A server elsewhere does not answer."""


def notices_of(facts: Mapping[str, object]) -> list[str]:
    """What an engine that was opened has to say to the user, one sentence each: that it could be faster, say."""
    told = facts.get("notices")
    return [str(notice) for notice in told] if isinstance(told, list) else []


class Engine(Protocol):
    """A model in this process (in practice: in the engine's own process)."""

    def stream(self, prompt: Prompt, limits: Limits) -> Iterator[Piece]:
        """Yield pieces of the answer as they are decoded; closing the iterator stops the computation."""
        ...


class Ranker(Protocol):
    """An engine that can also compare alternatives."""

    def branches(self, prompt: Prompt, width: int, limits: Limits) -> list[Branch]:
        """The greedy answer to a stop, and its ``width - 1`` likeliest departures, greedy from there on."""
        ...

    def score(self, prompt: Prompt, continuations: Sequence[str]) -> list[float]:
        """Natural-log probability of each continuation given ``prompt``."""
        ...

    def read(self, prompt: Prompt, text: str) -> list[Reading]:
        """``text`` token by token as the model meets it after ``prompt``."""
        ...


@runtime_checkable
class AsyncEngine(Protocol):
    """The same engine seen from the event loop: what pipelines are given.

    Closing the iterator of `stream` (``aclosing``) or cancelling the awaiting task reaches the decode loop.
    """

    @property
    def ranks(self) -> bool:
        """Whether `score` and `read` work. `branches` always gives the greedy answer, some engines nothing else."""
        ...

    def stream(self, prompt: Prompt, limits: Limits) -> AsyncGenerator[Piece, None]:
        """See `Engine`."""
        ...

    async def branches(self, prompt: Prompt, width: int, limits: Limits) -> list[Branch]:
        """See `Ranker`."""
        ...

    async def score(self, prompt: Prompt, continuations: Sequence[str]) -> list[float]:
        """See `Ranker`."""
        ...

    async def read(self, prompt: Prompt, text: str) -> list[Reading]:
        """See `Ranker`."""
        ...
