"""What a model's own files say of it: a GGUF file by its header, a folder of safetensors by its JSON files.

Nothing is loaded and nothing in the files is run. It must never know what the description is used for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsp_server.models.errors import ModelDamagedError, UnknownModelError
from lsp_server.models.gguf_header import Header, read_header

CONTEXT_TOKENS = 2048
"""Where the files do not say how long a text the model was trained for."""

_FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S", 12: "Q3_K_M",
    13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 32: "BF16",
}  # fmt: skip
"""``general.file_type``: ``llama_ftype`` in llama.h, for the usual ones."""

_NAMES = ("general.name", "general.basename", "general.finetune")
_GGUF_NAMES = {"unk": "unknown", "pad": "padding"}
_TOKENS = ("bos_token", "eos_token", "unk_token", "pad_token")
_CONTEXT = ("max_position_embeddings", "n_positions", "n_ctx", "seq_length", "max_sequence_length")
_KEPT = (".json", ".safetensors", ".jinja", ".model", ".txt")
"""What a folder of safetensors is used for; anything else in it, programs above all, is left alone."""

_LICENSE = re.compile(r"^license:\s*(\S+)", re.MULTILINE)
_BITS = {"F64": 64, "F32": 32, "I32": 32, "F16": 16, "BF16": 16, "I16": 16, "F8_E4M3": 8, "I8": 8, "U8": 8}


@dataclass(frozen=True)
class Attention:
    """What decides how much memory a token of the prompt takes."""

    layers: int
    key_heads: int
    head_size: int

    @property
    def numbers_per_token(self) -> int:
        """Keys and values of one token in all layers."""
        return 2 * self.layers * self.key_heads * self.head_size


@dataclass(frozen=True)
class Description:
    """``parameters`` are billions. ``vocabulary`` are all words, ``ends`` those that end an answer.

    ``template`` is the chat template (Jinja), ``tokens`` the control words that it may name, by the names it uses for
    them (``bos_token``).
    """

    files: tuple[Path, ...]
    engine: str
    name: str
    architecture: str
    context_tokens: int
    parameters: float
    quantization: str
    license: str
    template: str
    vocabulary: frozenset[str]
    ends: tuple[str, ...]
    tokens: Mapping[str, str]
    attention: Attention | None

    @property
    def bytes(self) -> int:
        """Size of the weights' files."""
        return sum(file.stat().st_size for file in self.files if file.suffix in (".gguf", ".safetensors"))


def described(path: Path) -> Description:
    """The description of the model at ``path``: a ``.gguf`` file or a folder with ``config.json`` and safetensors.

    Raises `UnknownModelError` when it is neither and `ModelDamagedError` when its files cannot be understood.
    """
    path = path.absolute()
    try:
        if path.is_file() and path.suffix == ".gguf":
            return _of_header(path, read_header(path))
        if (path / "config.json").is_file():
            return _of_folder(path)
    except OSError as error:
        raise UnknownModelError(f"{path} cannot be read ({error.strerror})", "see that you may read it") from error
    raise UnknownModelError(
        f"{path} is no model", "name a .gguf file, or a folder with config.json and *.safetensors files"
    )


def _of_header(path: Path, header: Header) -> Description:
    fields = header.fields
    architecture = str(fields.get("general.architecture", "unknown"))
    words = fields.get("tokenizer.ggml.tokens", [])
    words = words if isinstance(words, list) else []

    def word(name: str) -> str:
        number = fields.get(f"tokenizer.ggml.{name}_token_id")
        return str(words[number]) if isinstance(number, int) and 0 <= number < len(words) else ""

    kind = fields.get("general.file_type")
    return Description(
        files=(path,),
        engine="llama",
        name=" ".join(str(fields[key]) for key in _NAMES if key in fields) or path.stem,
        architecture=architecture,
        context_tokens=_whole(fields.get(f"{architecture}.context_length"), CONTEXT_TOKENS),
        parameters=round(header.parameters / 1e9, 6),
        quantization=_FILE_TYPES.get(kind, "unknown") if isinstance(kind, int) else "unknown",
        license=str(fields.get("general.license", "unknown")),
        template=str(fields.get("tokenizer.chat_template", "")),
        vocabulary=frozenset(map(str, words)),
        ends=tuple(dict.fromkeys(filter(None, map(word, ("eos", "eot", "eom"))))),
        tokens={
            f"{name}_token": text
            for name in ("bos", "eos", "unk", "pad")
            if (text := word(_GGUF_NAMES.get(name, name)))
        },
        attention=_attention_of_header(fields, architecture),
    )


def _attention_of_header(fields: Mapping[str, Any], architecture: str) -> Attention | None:
    def number(key: str) -> int:
        value = fields.get(f"{architecture}.{key}", 0)
        # Models whose layers differ have a list.
        return max(value, default=0) if isinstance(value, list) else _whole(value, 0)

    layers, heads, width = number("block_count"), number("attention.head_count"), number("embedding_length")
    if not (layers and heads and width):
        return None
    size = number("attention.key_length") or width // heads
    return Attention(layers, number("attention.head_count_kv") or heads, size)


def _of_folder(folder: Path) -> Description:
    config = _json(folder / "config.json")
    tokenizer, setup = _json(folder / "tokenizer.json"), _json(folder / "tokenizer_config.json")
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        raise UnknownModelError(
            f"{folder} has no *.safetensors files", "convert its weights: other files can hold programs"
        )
    quantized = config.get("quantization_config") or {}
    tokens = {name: text for name in _TOKENS if (text := _content(setup.get(name)))}
    return Description(
        files=tuple(path for path in sorted(folder.iterdir()) if path.suffix in _KEPT),
        engine="transformers",
        name=folder.name,
        architecture=str(config.get("model_type", "unknown")),
        context_tokens=_first(config, _CONTEXT, CONTEXT_TOKENS),
        parameters=round(sum(_numbers(path, _whole(quantized.get("bits"), 4)) for path in weights) / 1e9, 6),
        quantization=_quantization(config, quantized),
        license=_license(folder),
        template=_template(folder, setup),
        vocabulary=frozenset(_words(tokenizer)),
        ends=tuple(dict.fromkeys(filter(None, [tokens.get("eos_token", ""), *_ends(folder, config, tokenizer)]))),
        tokens=tokens,
        attention=_attention_of_config(config),
    )


def _json(path: Path) -> dict[str, Any]:
    """The object in that file; an empty one where there is no such file."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise ModelDamagedError(f"{path} is no JSON ({error})", "fetch the model again") from error
    if not isinstance(found, dict):
        raise ModelDamagedError(f"{path} holds no object", "fetch the model again")
    return found


def _whole(value: object, default: int) -> int:
    return value if isinstance(value, int) and value > 0 else default


def _first(config: Mapping[str, Any], names: tuple[str, ...], default: int) -> int:
    return next((config[name] for name in names if _whole(config.get(name), 0)), default)


def _content(token: object) -> str:
    """The text of a token, which may stand there as an object with its properties."""
    return str(token.get("content", "")) if isinstance(token, dict) else str(token or "")


def _added(tokenizer: Mapping[str, Any]) -> dict[int, str]:
    added = tokenizer.get("added_tokens") or []
    return {
        token["id"]: token["content"] for token in added if isinstance(token, dict) and {"id", "content"} <= {*token}
    }


def _words(tokenizer: Mapping[str, Any]) -> list[str]:
    listed = (tokenizer.get("model") or {}).get("vocab") or {}
    # Unigram tokenizers list their words with scores.
    words = listed if isinstance(listed, dict) else [entry[0] for entry in listed if isinstance(entry, list) and entry]
    return [*words, *_added(tokenizer).values()]


def _ends(folder: Path, config: Mapping[str, Any], tokenizer: Mapping[str, Any]) -> list[str]:
    named = _json(folder / "generation_config.json").get("eos_token_id", config.get("eos_token_id"))
    added = _added(tokenizer)
    return [added[number] for number in (named if isinstance(named, list) else [named]) if number in added]


def _template(folder: Path, setup: Mapping[str, Any]) -> str:
    path = folder / "chat_template.jinja"
    if path.is_file():
        return path.read_text(encoding="utf-8")
    found = setup.get("chat_template") or ""
    if isinstance(found, list):
        # Several by name.
        found = next((one.get("template", "") for one in found if one.get("name") == "default"), "")
    return str(found)


def _quantization(config: Mapping[str, Any], quantized: Mapping[str, Any]) -> str:
    if quantized:
        bits = f"-{quantized['bits']}bit" if quantized.get("bits") else ""
        return f"{str(quantized.get('quant_method', 'unknown')).upper()}{bits}"
    kind = str(config.get("dtype") or config.get("torch_dtype") or "unknown")
    return {"float32": "F32", "float16": "F16", "bfloat16": "BF16"}.get(kind, kind)


def _numbers(path: Path, bits: int) -> int:
    """How many parameters a safetensors file holds; packed ones are told by being whole numbers."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        try:
            if length > path.stat().st_size:
                raise ValueError("its header is longer than the file")
            tensors: dict[str, Any] = json.loads(file.read(length))
            tensors.pop("__metadata__", None)
            if any(tensor["data_offsets"][1] > path.stat().st_size - 8 - length for tensor in tensors.values()):
                raise ValueError("it ends in the middle of the weights")
            return sum(_size(tensor, bits) for tensor in tensors.values())
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelDamagedError(f"{path} is no whole safetensors file ({error})", "fetch it again") from error


def _size(tensor: Mapping[str, Any], bits: int) -> int:
    packed = _BITS.get(tensor["dtype"], bits) // bits if tensor["dtype"] == "I32" else 1
    count = max(packed, 1)
    for length in tensor["shape"]:
        count *= length
    return count


def _license(folder: Path) -> str:
    """As the front matter of the model's page says."""
    try:
        found = _LICENSE.search((folder / "README.md").read_text(encoding="utf-8", errors="replace")[:4000])
    except OSError:
        return "unknown"
    return found[1] if found else "unknown"


def _attention_of_config(config: Mapping[str, Any]) -> Attention | None:
    layers = _first(config, ("num_hidden_layers", "n_layer", "num_layers"), 0)
    heads = _first(config, ("num_attention_heads", "n_head"), 0)
    width = _first(config, ("hidden_size", "n_embd"), 0)
    if not (layers and heads and width):
        return None
    key_heads = _first(config, ("num_key_value_heads", "multi_query_group_num"), heads)
    return Attention(layers, key_heads, _first(config, ("head_dim", "kv_channels"), width // heads))
