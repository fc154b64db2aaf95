"""A real model of the Phi architecture, small enough to be trained while the tests wait.

It knows a few texts by heart, so that its greedy answers are known and no rounding changes them. Layers that change
nothing make it slow enough to be interrupted. Saved as transformers saves it, and as a GGUF file for llama.cpp.
"""

from __future__ import annotations

import json
from pathlib import Path

import gguf
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PhiConfig, PhiForCausalLM, PreTrainedTokenizerFast

END = "<|endoftext|>"
CONTROL = (END, "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")

COUNT = "Count from one to one thousand: "
FUNCTIONS = {
    "def add(first, second):\n": "    return first + second\n",
    "def is_even(number):\n": "    return number % 2 == 0\n",
    "def largest(values):\n": "    return max(values)\n",
}
"""What it completes, and how; then it ends."""

_NUMBERS = "".join(f"{number}, " for number in range(1, 41))
_ANIMALS = "🦊🐻"
_CONTEXT = 16384


def texts() -> dict[str, str]:
    """What it learns: beginnings, and how they go on."""
    functions = {start: rest + END for start, rest in FUNCTIONS.items()}
    return functions | {COUNT: _NUMBERS * 2, _ANIMALS: _ANIMALS * 8}


def save(folder: Path, idle_layers: int = 0) -> Path:
    """Train it and save it with ``idle_layers`` more layers, which change nothing."""
    tokenizer = _tokenizer()
    network = _widened(_trained(tokenizer), idle_layers)
    network.save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=END, bos_token=END).save_pretrained(folder)
    return folder


def _tokenizer() -> Tokenizer:
    """Byte-level as GPT-2's and phi's; of the animals it knows the bytes only."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420,
        special_tokens=list(CONTROL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([start + rest for start, rest in FUNCTIONS.items()] * 3 + [COUNT + _NUMBERS], trainer)
    return tokenizer


def _config(tokenizer: Tokenizer, layers: int) -> PhiConfig:
    end = tokenizer.token_to_id(END)
    return PhiConfig(
        vocab_size=tokenizer.get_vocab_size() + 12,  # phi-2 too has room for more than its vocabulary
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=layers,
        num_attention_heads=4,
        max_position_embeddings=_CONTEXT,
        bos_token_id=end,
        eos_token_id=end,
    )


def _trained(tokenizer: Tokenizer) -> PhiForCausalLM:
    torch.manual_seed(1)
    torch.set_num_threads(1)  # for matrices this small, threads wait for each other most of the time
    network = PhiForCausalLM(_config(tokenizer, layers=2))
    learnt = [(tokenizer.encode(start).ids, tokenizer.encode(rest).ids) for start, rest in texts().items()]
    optimizer = torch.optim.AdamW(network.parameters(), lr=5e-3, betas=(0.9, 0.95), weight_decay=0.0)
    for _ in range(300):
        losses = [_loss(network, *text) for text in learnt]
        optimizer.zero_grad()
        sum(losses).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        if max(losses).item() < 0.005:
            return network
    raise AssertionError(f"the tiny model did not learn its texts: {max(losses).item():.3f}")


def _loss(network: PhiForCausalLM, start: list[int], rest: list[int]) -> torch.Tensor:
    """How surprised it is by ``rest``; what came before is given."""
    labels = torch.tensor([[-100] * len(start) + rest])
    return network(input_ids=torch.tensor([start + rest]), labels=labels).loss


def _widened(network: PhiForCausalLM, idle_layers: int) -> PhiForCausalLM:
    """The same function with more layers: those add what their last matrices, which are zero, make of it."""
    config = PhiConfig(**network.config.to_dict() | {"num_hidden_layers": 2 + idle_layers})
    wide = PhiForCausalLM(config)
    with torch.no_grad():
        for layer in wide.model.layers:
            for last in (layer.self_attn.dense, layer.mlp.fc2):
                last.weight.zero_()
                last.bias.zero_()
    wide.load_state_dict(network.state_dict(), strict=False)
    return wide


def save_gguf(folder: Path, target: Path) -> Path:
    """The model in ``folder`` as llama.cpp's ``phi2`` in float32."""
    network = PhiForCausalLM.from_pretrained(folder)
    writer = gguf.GGUFWriter(target, gguf.MODEL_ARCH_NAMES[gguf.MODEL_ARCH.PHI2])
    _write_config(writer, network.config)
    _write_vocabulary(writer, Tokenizer.from_file(str(folder / "tokenizer.json")), network.config)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.PHI2, network.config.num_hidden_layers)
    for name, tensor in network.state_dict().items():
        known = names.get_name(name, try_suffixes=(".weight", ".bias"))
        writer.add_tensor(known, tensor.float().numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target


def _write_config(writer: gguf.GGUFWriter, config: PhiConfig) -> None:
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_eps(config.layer_norm_eps)
    turned = config.rope_parameters["partial_rotary_factor"] * config.hidden_size // config.num_attention_heads
    writer.add_rope_dimension_count(int(turned))
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)


def _write_vocabulary(writer: gguf.GGUFWriter, tokenizer: Tokenizer, config: PhiConfig) -> None:
    known = tokenizer.get_vocab_size()
    tokens = [tokenizer.id_to_token(number) or f"[PAD{number}]" for number in range(config.vocab_size)]
    kinds = [
        gguf.TokenType.CONTROL if token in CONTROL else gguf.TokenType.NORMAL if at < known else gguf.TokenType.UNUSED
        for at, token in enumerate(tokens)
    ]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(pair) for pair in _merges(tokenizer)])
    writer.add_eos_token_id(config.eos_token_id)
    writer.add_bos_token_id(config.bos_token_id)
    writer.add_add_bos_token(False)


def _merges(tokenizer: Tokenizer) -> list[tuple[str, str]]:
    return [tuple(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]]
