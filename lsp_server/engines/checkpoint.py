"""What a folder with a model in the transformers layout says about itself, read before anything heavy is imported.

Everything that can be refused with a clear next step is refused here. It never loads a weight, and never runs what
lies in the folder.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from shlex import quote
from typing import Any

from lsp_server.engines.base import ModelLoadError


@dataclass(frozen=True)
class Needs:
    """What something takes: the ``modules`` that are to be imported, and what pip calls them."""

    what: str
    modules: tuple[str, ...]
    requirements: tuple[str, ...]


NEEDS: Mapping[str, Needs] = {
    "": Needs("a model of this kind", ("torch", "transformers", "accelerate"), ("phi-lsp[transformers]",)),
    "gptq": Needs("a model quantised with GPTQ", ("gptqmodel", "optimum"), ("gptqmodel", "optimum")),
    "awq": Needs("a model quantised with AWQ", ("gptqmodel",), ("gptqmodel",)),
    "bitsandbytes": Needs("a model in 4 or 8 bits of bitsandbytes", ("bitsandbytes",), ("bitsandbytes",)),
    "flash": Needs("flash attention", ("flash_attn",), ("flash-attn",)),
}
"""By quantisation method or other ability; "" is for all models."""

_WEIGHTS = ("*.safetensors", "*.bin")
_BYTES = {"float32": 4, "float16": 2, "bfloat16": 2}


@dataclass(frozen=True)
class Checkpoint:
    """``precision`` is that of the stored weights, ``quantization`` the method they were quantised with or empty.

    ``code`` are the names of Python files in the folder that its config wants to be run.
    """

    folder: Path
    architecture: str
    precision: str
    quantization: str
    weight_bytes: int
    code: tuple[str, ...] = ()

    def bytes_in(self, precision: str) -> int:
        """Memory for the weights when they are held in ``precision``; quantised ones stay as they are."""
        if self.quantization:
            return self.weight_bytes
        return self.weight_bytes * _BYTES[precision] // _BYTES.get(self.precision, 4)


def read(path: str) -> Checkpoint:
    """What the folder ``path`` holds. Raises ModelLoadError with what is missing in it."""
    folder = Path(path)
    config = _config(folder)
    weights = next((found for pattern in _WEIGHTS if (found := sorted(folder.glob(pattern)))), [])
    if not weights:
        raise ModelLoadError(f"there are no weights (*.safetensors) in {folder}; fetch the model again")
    quantised: Mapping[str, Any] = config.get("quantization_config") or {}
    return Checkpoint(
        folder,
        str(config.get("model_type", "unknown")),
        str(config.get("dtype") or config.get("torch_dtype") or "float32"),
        str(quantised.get("quant_method", "")),
        sum(file.stat().st_size for file in weights),
        tuple(sorted({f"{name.rpartition('.')[0]}.py" for name in _classes(config.get("auto_map"))})),
    )


def _config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        advice = "give the folder that holds config.json and the weights, or a .gguf file for llama.cpp"
        raise ModelLoadError(
            f"{folder} is not a model of the transformers kind: no config.json in it; {advice}"
        ) from None
    except (OSError, ValueError) as error:
        raise ModelLoadError(f"{folder / 'config.json'} cannot be read ({error}); fetch the model again") from None
    if not isinstance(config, dict):
        raise ModelLoadError(f"{folder / 'config.json'} is not a JSON object; fetch the model again")
    return config


def _classes(auto_map: object) -> list[str]:
    """Classes in Python files that a config names: ``modeling_x.XForCausalLM``."""
    return [name for name in auto_map.values() if isinstance(name, str)] if isinstance(auto_map, dict) else []


def require_packages(*abilities: str) -> None:
    """Raise ModelLoadError with the line that installs what is missing for any of ``abilities``, keys of `NEEDS`."""
    for needs in (NEEDS[ability] for ability in ("", *abilities) if ability in NEEDS):
        missing = [module for module in needs.modules if find_spec(module) is None]
        if missing:
            line = f"{sys.executable} -m pip install {' '.join(map(quote, needs.requirements))}"
            raise ModelLoadError(f"{needs.what} needs {', '.join(missing)}, not installed yet: {line}")
