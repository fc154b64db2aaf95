"""The values that pass between the pipelines and the engines: what is asked, what comes back.

An engine sees a `Prompt` and `Limits` and yields `Piece`s. It never learns what
a function, a document or a language is.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Segment:
    """A stretch of prompt text.

    ``special`` segments are control tokens (``<|fim_prefix|>``) and are tokenised as such;
    all other text is tokenised literally, so that a file which happens to contain
    ``<|im_end|>`` cannot end the prompt.
    """

    text: str
    special: bool = False


@dataclass(frozen=True)
class Prompt:
    """What the model continues. ``stops`` are literal strings that end the answer; they are never part of it.

    With a ``schema`` (a JSON schema as text) the answer is JSON that fits it, laid out as ``json.dumps`` does, and ends
    where that is complete; less of it comes when a limit is reached before. Stops do not end such an answer, because
    its strings may hold them.

    Prompts of one ``origin`` have much in common: who computes in several places answers them in the same one. The
    answer begins with ``begun``, which is a part of a word; that is not said again.
    """

    segments: tuple[Segment, ...]
    stops: tuple[str, ...] = ()
    origin: str = field(default="", compare=False)
    schema: str = ""
    begun: str = ""

    @property
    def text(self) -> str:
        """The whole prompt as one string, for people to read."""
        return "".join(segment.text for segment in self.segments) + self.begun

    @property
    def ends(self) -> tuple[str, ...]:
        """The literal strings that end this answer."""
        return () if self.schema else self.stops

    def continued(self, text: str) -> Prompt:
        """The same prompt after the model has already answered ``text``."""
        return replace(self, segments=(*self.segments, Segment(self.begun + text)), begun="") if text else self


@dataclass(frozen=True)
class Limits:
    """When to give up: ``max_tokens`` generated, or ``seconds`` after the request began (None: no deadline)."""

    max_tokens: int = 256
    seconds: float | None = None


@dataclass(frozen=True)
class Usage:
    """What a generation cost.

    ``prompt_tokens`` is the prompt's length, of which ``reused_tokens`` were still in the KV cache and
    were not evaluated; times are seconds.
    """

    prompt_tokens: int = 0
    reused_tokens: int = 0
    generated_tokens: int = 0
    prompt_seconds: float = 0.0
    generation_seconds: float = 0.0


@dataclass(frozen=True)
class Piece:
    """A piece of generated text, ``tokens`` tokens long.

    The last piece of a stream that ran to its natural end has ``ended`` set to why: ``"stop"`` (the
    model's own end token or one of the prompt's stops), ``"length"`` (max_tokens) or ``"deadline"``.
    ``usage`` is set on the first piece (empty text, as soon as the prompt is evaluated) and on the last.
    """

    text: str
    tokens: int = 0
    ended: str = ""
    usage: Usage | None = None


@dataclass(frozen=True)
class Branch:
    """One alternative continuation: its text (stop string excluded) and its summed natural-log probability."""

    text: str
    log_probability: float
    tokens: int


ALTERNATIVES = 5
"""Tokens that are told of every place in a text that is read; what others call ``logprobs`` goes no further."""


@dataclass(frozen=True)
class Reading:
    """What a model makes of one token of a text that it is given: the characters from ``start`` to ``end``.

    ``alternatives`` are the tokens that it finds likeliest there, the best first, each with its log probability (the
    token itself may be among them); where the model would end, that one's text is empty. Logarithms are natural.
    """

    start: int
    end: int
    log_probability: float
    alternatives: tuple[tuple[str, float], ...]

    @property
    def best(self) -> str:
        """The likeliest token."""
        return self.alternatives[0][0]

    @property
    def surprise(self) -> float:
        """How much likelier than this token the likeliest was; 0 where it is the likeliest."""
        return self.alternatives[0][1] - self.log_probability
