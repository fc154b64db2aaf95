"""Prompt formats as data: a template whose literal parts are the model's own control text, with named slots for ours.

A model's row in ``models.json`` carries one `Format` per name (``code``, ``fim``, ``chat`` …). What stands between
the slots is tokenised with control tokens recognised; what fills a slot never is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lsp_server.core.generation import Segment

SLOTS = frozenset({"declarations", "head", "prefix", "suffix", "middle", "system", "request", "answer"})
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Format:
    """One way to put a question to a model.

    ``template`` names its slots in braces. Which slots a format may use: ``declarations`` and ``head`` (code to
    continue), ``prefix``, ``suffix`` and ``middle`` (fill in the middle; of the middle its beginning, so the template
    ends with it, and without that slot it belongs to the prefix), ``system``, ``request`` and ``answer`` (chat; the
    answer is the part already written, so the template ends with it). ``system``, ``request`` and ``answer`` below are
    texts for those slots; in them ``{language}``, ``{code}``, ``{head}``, ``{suffix}`` and ``{comment}`` (what begins
    a comment) are filled in turn.
    """

    template: str
    system: str = ""
    request: str = ""
    answer: str = ""
    stops: tuple[str, ...] = ()

    def slots(self) -> tuple[str, ...]:
        """Names of the template's slots in order."""
        return tuple(_SLOT.findall(self.template))

    def filled(self, values: Mapping[str, str]) -> tuple[Segment, ...]:
        """The template with its slots filled; empty parts are left out."""
        parts = _SLOT.split(self.template)
        segments = [
            Segment(values[part]) if index % 2 else Segment(part, special=True) for index, part in enumerate(parts)
        ]
        return tuple(segment for segment in segments if segment.text)
