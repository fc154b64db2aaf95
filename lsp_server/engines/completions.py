"""The OpenAI completions API as values: what is sent, and what comes back.

vLLM, SGLang, TGI, llama.cpp's server and `lsp_server.cluster` speak it; what only some of them say is optional here.
It never sends anything, and never puts text of a prompt into an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from lsp_server.core.generation import Branch, Limits, Prompt, Reading, Segment, Usage
from lsp_server.engines.answer import Answer
from lsp_server.engines.base import EngineCrashed, EngineError, ModelLoadError
from lsp_server.engines.refusals import reason
from lsp_server.engines.specs import RemoteSpec

OWNER = "phi-lsp"
"""Who owns the models of our own cluster: it decodes alternatives (``n``) and scores ``continuations``."""

SESSION_HEADER = "x-session-id"
"""Requests with the same value reach the same replica, where the server routes so (Ray Serve does)."""

PROBE = Segment("def first():\n    return")
"""A text of which a server is asked how likely it is, to see whether it tells."""

_STOPS = 4
"""Most stops that the API takes; all of them are looked for here too."""

_GREEDY = {"temperature": 0, "repeat_penalty": 1, "repetition_penalty": 1}
"""Unless told otherwise, llama-cpp-python's server and, by the model's ``generation_config``, vLLM make what was said
before less likely, and code says things twice. Each has a name of its own for it and ignores the other's."""

_CONTROL = re.compile(r"<[^<>\s]+>|\[/?[A-Z_]+\]")


def text_of(prompt: Prompt) -> str:
    """The prompt as one text, in which the server recognises control tokens where they are meant and nowhere else.

    What a control token of this prompt looks like is broken up with a space where it stands in literal text.
    """
    meant = (text for text in (*prompt.stops, *(part.text for part in prompt.segments if part.special)))
    tokens = {token for text in meant for token in _CONTROL.findall(text)}
    segments = (*prompt.segments, Segment(prompt.begun))
    text = "".join(part.text if part.special else _broken_up(part.text, tokens) for part in segments)
    # Half of a surrogate pair cannot be sent.
    return text.encode("utf-8", "replace").decode()


def _broken_up(text: str, tokens: Iterable[str]) -> str:
    for token in tokens:
        text = text.replace(token, f"{token[0]} {token[1:]}")
    return text


def question(model: str, prompt: Prompt, limits: Limits) -> dict[str, Any]:
    """The body of a request for the greedy answer, but for its schema.

    A server takes no tokens at all for no limit: one is asked for.
    """
    stops = sorted((stop for stop in prompt.ends if stop), key=lambda stop: bool(_CONTROL.fullmatch(stop)))
    body = {"model": model, "prompt": text_of(prompt), "max_tokens": max(limits.max_tokens, 1), **_GREEDY}
    # Control tokens come last: a server ends at those of its own accord, and mostly never shows them.
    return body | ({"stop": stops[:_STOPS]} if stops else {})


def fitting(schema: str, owner: str) -> dict[str, Any]:
    """How a server whose models have that ``owner`` is told what the answer must fit; nothing where nothing is asked.

    Raises EngineError where the schema is no JSON.
    """
    if not schema:
        return {}
    try:
        told = json.loads(schema)
    except ValueError as error:
        raise EngineError(f"the JSON schema cannot be read: {error}") from None
    return _SCHEMA_FIELDS.get(owner, _response_format)(told)


def _response_format(schema: object) -> dict[str, Any]:
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}}


_SCHEMA_FIELDS: Mapping[str, Callable[[object], dict[str, Any]]] = {
    "llamacpp": lambda schema: {"json_schema": schema},
    "sglang": lambda schema: {"json_schema": json.dumps(schema)},
}
"""Servers that have a field of their own, by the owner that they name. vLLM and our own cluster have the API's."""


class Chunk(NamedTuple):
    """A piece of an answer as it came: ``ended`` as in `Piece`; ``usage`` where the server says it."""

    text: str
    ended: str
    usage: Usage | None


def chunk(data: bytes) -> Chunk:
    """The piece in an event's data. Raises EngineError where the server says that it failed, EngineCrashed at noise."""
    try:
        said: dict[str, Any] = json.loads(data)
        choice = (said.get("choices") or [{}])[0]
        piece = Chunk(choice.get("text") or "", _ended(choice.get("finish_reason")), usage(said.get("usage")))
    except (ValueError, AttributeError, TypeError) as error:
        raise EngineCrashed(f"the server's answer could not be read ({type(error).__name__})") from None
    if said.get("error"):
        raise EngineCrashed(f"the server failed in the middle of its answer: {reason(said)}")
    return piece


def _ended(finish_reason: str | None) -> str:
    if finish_reason in ("abort", "cancelled", "error"):
        raise EngineCrashed(f"the server broke its answer off ({finish_reason})")
    # TGI names its own end token and its stops apart.
    return {None: "", "length": "length"}.get(finish_reason, "stop")


def usage(said: Mapping[str, Any] | None) -> Usage | None:
    """What the server says about the cost, None where it says nothing."""
    if not said:
        return None
    details = said.get("prompt_tokens_details") or {}
    return Usage(said.get("prompt_tokens") or 0, details.get("cached_tokens") or 0, said.get("completion_tokens") or 0)


def branches(said: Mapping[str, Any], stops: Sequence[str]) -> list[Branch]:
    """The choices of our own server's answer, each cut at a stop."""
    return [
        Branch(cut(choice["text"], stops), choice["logprobs"]["token_logprobs"][0], choice["logprobs"]["token_count"])
        for choice in said["choices"]
    ]


def scores(said: Mapping[str, Any]) -> list[float]:
    """What our own server says about each of the continuations."""
    return [choice["logprobs"]["token_logprobs"][0] for choice in said["choices"]]


def echoed_readings(said: Mapping[str, Any], text: str) -> list[Reading]:
    """How ``text`` was read at the end of what was asked, from an answer with ``echo``.

    Raises KeyError, TypeError, IndexError or ValueError where the server tells less than that.
    """
    known = said["choices"][0]["logprobs"]
    asked = len(known["tokens"]) - ((said.get("usage") or {}).get("completion_tokens") or 0)
    rows = zip(known["tokens"], known["token_logprobs"], known["top_logprobs"], strict=True)
    found: list[Reading] = []
    end = len(text)
    for token, likely, top in reversed(list(rows)[:asked]):
        if end <= 0:
            break
        if not text.startswith(token[-end:], max(end - len(token), 0)):
            raise ValueError("the tokens that were told are not those of the text")
        best = sorted(top.items(), key=lambda pair: -pair[1])
        found.append(Reading(max(end - len(token), 0), end, float(likely), tuple(best)))
        end -= len(token)
    return found[::-1]


def cut(text: str, stops: Sequence[str]) -> str:
    """The text up to the first stop."""
    answer = Answer(stops)
    return answer.add(text.encode("utf-8", "replace")) + answer.rest()


def echoed(said: Mapping[str, Any]) -> float:
    """The log probability of all that was asked, from an answer with ``echo``: without what was generated."""
    known = said["choices"][0]["logprobs"]["token_logprobs"]
    generated = (said.get("usage") or {}).get("completion_tokens", 1)
    # The first token has none: nothing comes before it.
    return float(sum(value for value in known[: len(known) - generated] if value is not None))


@dataclass(frozen=True)
class Offer:
    """What the server says about the model that was asked for."""

    model: str
    context_tokens: int | None = None
    owner: str = ""

    @property
    def native(self) -> bool:
        """Whether it is our own cluster, which can do more than the API says."""
        return self.owner == OWNER


def offer(said: Mapping[str, Any], spec: RemoteSpec) -> Offer:
    """The model to ask for. Raises ModelLoadError when the server has no such model."""
    try:
        rows = {str(row["id"]): row for row in said["data"]}
    except (KeyError, TypeError):
        raise ModelLoadError(
            f"{spec.url} does not speak the OpenAI completions API: check the URL in the setting `remote`"
        ) from None
    # The first of those that look most like it.
    name = spec.model or max(rows, key=lambda name: spec.resembling in name.lower(), default="")
    if name not in rows:
        raise ModelLoadError(f"{spec.url} has no model `{name}`; {_choose(rows)}")
    row = rows[name]
    return Offer(name, row.get("max_model_len"), str(row.get("owned_by", "")))


def _choose(names: Iterable[str]) -> str:
    known = ", ".join(names)
    return f"write one of these as the setting `remoteModel`: {known}" if known else "it offers none: start one there"
