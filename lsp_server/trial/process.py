"""One trial as the event loop sees it: a child process, a deadline and a verdict. It never looks at the code."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lsp_server.core.examples import Example
from lsp_server.trial.child import output_of

_ANSWERS = {b"true": "held", b"false": "failed"}


@dataclass(frozen=True)
class Verdict:
    """How many examples held, how many failed, and of how many nothing is known."""

    held: int
    failed: int
    unknown: int

    @property
    def refuted(self) -> bool:
        """The code contradicts its own docstring."""
        return self.failed > 0


async def tried(source: str, calls: Sequence[Example], seconds: float = 2.0) -> Verdict:
    """Evaluate the examples in a child process that ends within ``seconds``, however the code behaves.

    ``source`` is a whole file that parses, with the function at its top level. What could not be judged (other imports,
    classes, too slow, no process to be had) is unknown. Cancelling ends the child.
    """
    if not calls:
        return Verdict(0, 0, 0)
    task = json.dumps({"source": source, "examples": [(one.call, one.expected) for one in calls]})
    # -I: neither the user's folder nor the environment decides what is imported.
    command = (sys.executable, "-I", "-m", "lsp_server.trial.host")
    answered = await output_of(command, task.encode(), seconds)
    if answered is None:
        return Verdict(0, 0, len(calls))
    counts = Counter(_ANSWERS.get(line, "unknown") for line in answered.split(b"\n")[:-1][: len(calls)])
    decided = counts["held"] + counts["failed"]
    return Verdict(counts["held"], counts["failed"], len(calls) - decided)
