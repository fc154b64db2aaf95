"""How fast an engine is: one short prompt, a few words of an answer. It must never know where that is kept."""

from __future__ import annotations

from lsp_server.core.generation import Limits, Prompt, Segment, Usage
from lsp_server.engines.base import AsyncEngine

_PROMPT = Prompt((Segment("".join(f"    value_{number} = first + {number}\n" for number in range(16))),))
"""Some 200 tokens for the usual vocabularies, and nothing that a model would want to end."""
_ANSWER_TOKENS = 24
_LEAST_TOKENS = 8


async def measured(engine: AsyncEngine, seconds: float = 30.0) -> tuple[float, float] | None:
    """Tokens per second of a prompt and of an answer; None when it took more than ``seconds`` or said too little.

    Raises:
        EngineError: the engine could not answer.
    """
    usage = Usage()
    async for piece in engine.stream(_PROMPT, Limits(_ANSWER_TOKENS, seconds)):
        usage = piece.usage or usage
    new = usage.prompt_tokens - usage.reused_tokens
    if usage.generated_tokens < _LEAST_TOKENS or new < _LEAST_TOKENS:
        return None
    if not (usage.prompt_seconds and usage.generation_seconds):
        return None
    return new / usage.prompt_seconds, usage.generated_tokens / usage.generation_seconds
