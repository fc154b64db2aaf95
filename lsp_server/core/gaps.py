"""Whether a line could stand in a gap: what can be known of it before any likelihood is asked for."""

from __future__ import annotations

from lsp_server.core.languages import Family
from lsp_server.core.target import Target


def suits(target: Target, outer: str, line: str) -> bool:
    """Whether ``line`` can be what is missing at the start of a line of a function that is indented by ``outer``."""
    following = next((text for text in target.after.split("\n") if text.strip()), "")
    if line.split() == following.split():
        return False  # it is there already
    if target.language.family is not Family.INDENTATION:
        return True
    indent = _indent(line)
    begins_block = line.rstrip().endswith(":") and bool(following)
    deep_enough = indent.startswith(outer) and len(indent) > len(outer)
    return deep_enough and not (begins_block and len(_indent(following)) <= len(indent))


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
