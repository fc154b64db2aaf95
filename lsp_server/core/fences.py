"""Code as a block of Markdown. It knows no language."""

from __future__ import annotations

import re


def fenced(text: str, language: str = "") -> str:
    """``text`` between fences that it does not have itself."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.strip(chr(10))}\n{fence}"
