"""What the native library tells of itself, asked in a process of its own: it may be broken, or hang.

It never loads the library here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cache

_SECONDS = 60
_QUESTION = """\
import json, llama_cpp
features = llama_cpp.llama_print_system_info().decode()
print(json.dumps({"features": features, "gpu": bool(llama_cpp.llama_supports_gpu_offload())}))
"""


@dataclass(frozen=True)
class Native:
    """``features`` is the library's own line on the processor's instructions; ``gpu``: the build can use a GPU."""

    features: str
    gpu: bool


@cache
def native() -> Native | str:
    """What is told, or in words why nothing is."""
    try:
        # -P: nothing in the folder we happen to run in may pose as the library.
        command = [sys.executable, "-P", "-c", _QUESTION]
        asked = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"loading llama_cpp took more than {_SECONDS} seconds"
    if asked.returncode:
        said = asked.stderr.strip().splitlines() or [f"its process ended with status {asked.returncode}"]
        return f"llama_cpp does not load: {said[-1]}"
    return Native(**json.loads(asked.stdout))
