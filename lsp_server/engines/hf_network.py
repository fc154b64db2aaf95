"""From a folder to a network that computes: loaded where and how `execution` says, interruptible, with its vocabulary.

It never knows what is evaluated, nor keeps anything of it: that is `hf`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote
from typing import Any

import numpy as np
import psutil

from lsp_server.engines import checkpoint, execution
from lsp_server.engines.base import EngineError, ModelLoadError
from lsp_server.engines.checkpoint import Checkpoint
from lsp_server.engines.cores import usable_cores
from lsp_server.engines.execution import Execution, Hardware
from lsp_server.engines.specs import TransformersSpec
from lsp_server.engines.vocabulary import Vocabulary
from lsp_server.engines.watch import Interrupted, Watch

Network = Any
"""A ``transformers.PreTrainedModel``; the library is imported late."""


@dataclass(frozen=True)
class Loaded:
    """A network that raises Interrupted when its watch says so; ``facts`` are for the user."""

    network: Network
    vocabulary: Vocabulary
    facts: dict[str, object]


def load(spec: TransformersSpec, watch: Watch) -> Loaded:
    """The model in the spec's folder. Raises ModelLoadError with what to do about it."""
    found = checkpoint.read(spec.path)
    if found.quantization:
        spec = replace(spec, quantize="none")  # it is done already
    shrinking = "bitsandbytes" if spec.quantize != "none" else found.quantization
    checkpoint.require_packages(shrinking, spec.attention)
    threads = spec.threads or usable_cores()
    _prepare(threads)
    chosen = execution.choose(spec, found, _hardware())
    with explained(f"the model {spec.path} could not be loaded", ModelLoadError):
        network = _network(spec, found, chosen)
        vocabulary = _vocabulary(spec, network)
    _interruptible(network, watch)
    return Loaded(network, vocabulary, _facts(spec, found, chosen, network) | {"threads": threads})


def _prepare(threads: int) -> None:
    # Waiting threads must sleep, not spin; OpenMP reads this when it is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    import torch  # noqa: PLC0415 -- after the environment is set, and only when a model is opened
    import transformers  # noqa: PLC0415

    torch.set_num_threads(threads)
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()


def _hardware() -> Hardware:
    """What this machine and the installed PyTorch offer."""
    import torch  # noqa: PLC0415 -- only when a model is opened

    memory = psutil.virtual_memory().available
    if torch.cuda.is_available():
        free = [torch.cuda.mem_get_info(card)[0] for card in range(torch.cuda.device_count())]
        return Hardware(True, torch.cuda.is_bf16_supported(), False, free[0], sum(free), memory)
    card = Path("/proc/driver/nvidia/version").exists()
    return Hardware(mps=torch.backends.mps.is_available(), memory_free=memory, idle_card=card)


def _network(spec: TransformersSpec, found: Checkpoint, chosen: Execution) -> Network:
    """The model itself, on its devices and ready to compute."""
    import torch  # noqa: PLC0415 -- only when a model is opened
    import transformers  # noqa: PLC0415

    if found.code and not spec.trust_remote_code and found.architecture not in transformers.CONFIG_MAPPING:
        raise ModelLoadError(
            f"transformers does not know models of the kind {found.architecture}; the folder brings Python code of its "
            f"own for it ({', '.join(found.code)}), which is not run. Read it and, if you trust it: "
            f"phi-lsp models add {quote(str(found.folder))} --trust-remote-code"
        )
    local = {"local_files_only": True, "trust_remote_code": spec.trust_remote_code}
    config = transformers.AutoConfig.from_pretrained(found.folder, **local)
    if chosen.device == "cpu" and found.quantization in execution.CPU_KERNELS:
        config.quantization_config["backend"] = execution.CPU_KERNELS[found.quantization]
    network, report = transformers.AutoModelForCausalLM.from_pretrained(
        found.folder,
        config=config,
        dtype=getattr(torch, chosen.precision),
        attn_implementation=chosen.attention,
        device_map=chosen.device_map,
        output_loading_info=True,
        **_shrinking(spec, chosen),
        **local,
    )
    # The library would make up what it does not find.
    if lost := sorted({*report["missing_keys"], *(key for key, *_ in report["mismatched_keys"])}):
        raise ModelLoadError(f"{found.folder} lacks weights, the first is {lost[0]}: fetch the model again")
    return network.eval()


def _shrinking(spec: TransformersSpec, chosen: Execution) -> dict[str, object]:
    """What to tell the library, so that it quantises while loading."""
    import torch  # noqa: PLC0415 -- only when a model is opened
    from transformers import BitsAndBytesConfig  # noqa: PLC0415

    if spec.quantize == "none":
        return {}  # told None, it would take quantised weights for ordinary ones
    bits = {f"load_in_{spec.quantize}": True}
    return {"quantization_config": BitsAndBytesConfig(**bits, bnb_4bit_compute_dtype=getattr(torch, chosen.precision))}


def _vocabulary(spec: TransformersSpec, network: Network) -> Vocabulary:
    import transformers  # noqa: PLC0415 -- only when a model is opened

    tokenizer = transformers.AutoTokenizer.from_pretrained(
        spec.path, trust_remote_code=spec.trust_remote_code, local_files_only=True
    )
    if not tokenizer.is_fast:
        raise ModelLoadError(f"{spec.path} has a tokenizer in an old form only: a tokenizer.json is needed")
    ending = [tokenizer.eos_token_id, network.config.eos_token_id, network.generation_config.eos_token_id]
    numbers = {int(number) for ends in ending if ends is not None for number in np.atleast_1d(ends)}
    return Vocabulary(tokenizer.backend_tokenizer, numbers)


def _interruptible(network: Network, watch: Watch) -> None:
    """Have every module that computes ask the watch first: several times a layer, many times a second."""

    def look(_module: object, _arguments: object) -> None:
        if watch():
            raise Interrupted

    for module in network.modules():
        if next(module.children(), None) is None:
            module.register_forward_pre_hook(look)


def _facts(spec: TransformersSpec, found: Checkpoint, chosen: Execution, network: Network) -> dict[str, object]:
    method = f"bitsandbytes {spec.quantize}" if spec.quantize != "none" else found.quantization
    kernels = {type(module).__name__ for module in network.modules() if type(module).__module__.startswith("gptqmodel")}
    places = getattr(network, "hf_device_map", {}).values() if chosen.device == "split" else ()
    off_card = sum(place in ("cpu", "disk") for place in places)
    notices = [*execution.notices(chosen, method, kernels, off_card)]
    if spec.trust_remote_code and found.code:
        notices.append(f"Python code from {found.folder} runs with this model ({', '.join(found.code)})")
    return {
        "path": spec.path,
        "device": chosen.device,
        "precision": str(network.dtype).removeprefix("torch."),
        "attention": network.config._attn_implementation,  # noqa: SLF001 -- no other way
        "quantization": method,
        "kernels": sorted(kernels),
        "notices": notices,
    }


@contextmanager
def explained(what: str, kind: type[EngineError]) -> Iterator[None]:
    """Turn the libraries' errors into ours, with a next step for the one that users can do something about."""
    import torch  # noqa: PLC0415 -- only when a model is opened

    try:
        yield
    except (EngineError, Interrupted):
        raise
    except torch.OutOfMemoryError as error:
        torch.cuda.empty_cache()
        raise kind(
            f"{what}: the graphics card is full ({str(error).splitlines()[0]}); close what else uses it, choose a "
            "smaller or a quantised model, or a smaller context"
        ) from None
    except Exception as error:  # half a dozen libraries raise whatever they like
        raise kind(f"{what}: {error}") from error
