"""The OpenAI completions API from the server's side: the question as it comes in, answers as they go out. Pure."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field

from lsp_server.engines.completions import OWNER

LONGEST_TEXT = 1_000_000
"""Characters; far more than any model's context holds."""

ERRORS: Mapping[str, tuple[int, str]] = {
    "PromptTooLong": (400, "context_length_exceeded"),
    # It is started again for the next who asks.
    "EngineCrashed": (503, "restarting"),
}
"""What is answered to the errors of engines: status and code. All others are the server's own."""


class StreamOptions(BaseModel):
    """What a stream tells beside the text."""

    include_usage: bool = False


class JsonSchema(BaseModel):
    """What an answer must fit, with the name that the API wants it to have."""

    schema_: dict[str, Any] = Field(alias="schema")


class ResponseFormat(BaseModel):
    """How an answer must look: ``text``, which is anything, or ``json_schema``."""

    type: Literal["text", "json_schema"]
    json_schema: JsonSchema | None = None


class Question(BaseModel):
    """The body of a request. What else the API knows (``temperature``, …) is not looked at: answers are greedy.

    Three things are ours, in answers that are no streams: where ``n`` or ``logprobs`` ask for more than the answer, its
    likeliest alternatives are given and how likely each is as a whole; ``continuations`` are texts to be given a
    likelihood; ``reading`` is a text that is read after the prompt, token by token.
    """

    model: str
    prompt: str = Field(max_length=LONGEST_TEXT)
    max_tokens: int = Field(16, ge=0)
    stop: str | list[str] | None = None
    stream: bool = False
    stream_options: StreamOptions = StreamOptions()
    n: int = Field(1, ge=1, le=16)
    logprobs: int | None = None
    continuations: list[str] | None = Field(None, max_length=64)
    reading: str | None = Field(None, max_length=LONGEST_TEXT)
    echo: bool = False
    response_format: ResponseFormat = ResponseFormat(type="text")

    @property
    def schema_text(self) -> str:
        """The JSON schema that the answer must fit; empty for any answer."""
        told = self.response_format.json_schema
        return json.dumps(told.schema_) if told else ""

    @property
    def stops(self) -> list[str]:
        """All stops, none of them empty."""
        stops = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return [stop for stop in stops if stop]

    @property
    def ranks(self) -> bool:
        """Whether alternatives or likelihoods are asked for."""
        texts = self.continuations is not None or self.reading is not None
        return not self.stream and (self.n > 1 or self.logprobs is not None or texts)


class Reply:
    """The envelope of everything that is said about one question."""

    def __init__(self, model: str) -> None:
        self._head = {
            "id": f"cmpl-{uuid.uuid4().hex}",
            "object": "text_completion",
            "created": int(time.time()),
            "model": model,
        }

    def event(self, piece: Mapping[str, Any]) -> bytes:
        """A piece as an event; its usage where it has one."""
        return event(self.whole([choice(piece["text"], piece["ended"])], piece["usage"]))

    def whole(self, choices: Sequence[Mapping[str, Any]], used: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The whole answer."""
        return {**self._head, "choices": [{"index": at, **one} for at, one in enumerate(choices)], "usage": usage(used)}


def choice(text: str, ended: str, log_probability: float | None = None, tokens: int = 0) -> dict[str, Any]:
    """One answer. How likely it is, is told of the whole."""
    known = {"tokens": [text], "token_logprobs": [log_probability], "token_count": tokens}
    # The API has no word for an answer that took too long.
    reason = "length" if ended == "deadline" else ended or None
    return {"text": text, "finish_reason": reason, "logprobs": None if log_probability is None else known}


def usage(used: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What an answer cost, in the words of the API."""
    if used is None:
        return None
    return {
        "prompt_tokens": used["prompt_tokens"],
        "completion_tokens": used["generated_tokens"],
        "total_tokens": used["prompt_tokens"] + used["generated_tokens"],
        "prompt_tokens_details": {"cached_tokens": used["reused_tokens"]},
    }


def event(said: object) -> bytes:
    """A server-sent event."""
    return b"data: " + json.dumps(said).encode("ascii") + b"\n\n"


def error(text: str, code: str = "server_error") -> dict[str, Any]:
    """Why there is no answer."""
    return {"error": {"message": text, "type": code, "code": code}}


def models(context_tokens: Mapping[str, int]) -> dict[str, Any]:
    """The list of what is served."""
    rows = [
        {"id": name, "object": "model", "owned_by": OWNER, "max_model_len": tokens}
        for name, tokens in context_tokens.items()
    ]
    return {"object": "list", "data": rows}
