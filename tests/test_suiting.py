from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server import suiting
from lsp_server.engines.probe import Native
from lsp_server.models import registry
from lsp_server.models.errors import UnknownModelError
from lsp_server.models.hardware import Gpu, Machine
from lsp_server.settings import Settings

GPU = Gpu("some GPU", 8 << 30, 8 << 30, "GGML_CUDA")
WITHOUT, WITH = (Machine("some processor", 4, 64 << 30, 32 << 30, gpus) for gpus in ((), (GPU,)))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store."""
    monkeypatch.setenv("PHI_LSP_HOME", str(tmp_path))
    return tmp_path


def test_auto_is_the_default_while_nothing_is_here():
    assert suiting.named("auto") == suiting.asked("auto") == registry.find()
    assert suiting.choice(Settings(), WITHOUT).typing is None


@pytest.mark.model
def test_auto_is_what_is_here(home: Path, smol_model: Path):
    (home / "models").mkdir()
    (home / "models" / smol_model.name).symlink_to(smol_model)
    assert suiting.named("auto") == suiting.asked("auto") == registry.find("smollm2-135m")


def test_any_other_name_is_that_model_or_none():
    assert suiting.named("smollm2-135m").name == "smollm2-135m-instruct"
    for find in (suiting.named, suiting.asked):
        with pytest.raises(UnknownModelError):
            find("automatic")


@pytest.mark.parametrize(
    ("machine", "told", "unused", "engines"),
    [
        (WITHOUT, Native("", gpu=False), False, set()),
        (WITH, Native("", gpu=True), False, {"llama"}),
        (WITH, Native("", gpu=False), True, set()),
        (WITH, "it does not load", False, set()),
    ],
)
def test_a_gpu_counts_where_the_library_can_use_it(
    monkeypatch: pytest.MonkeyPatch, machine: Machine, told: Native | str, unused: bool, engines: set[str]
):
    monkeypatch.setattr(suiting, "native", lambda: told)
    assert ("GGML_CUDA" in suiting.gpu_unused(machine)) is unused
    assert suiting.conditions(Settings(), machine).gpus - {"transformers"} == engines


def test_the_context_that_is_reckoned_with_is_the_one_the_engine_keeps():
    settings = Settings(context_tokens=1000, max_tokens=24, kv_cache_type="q8_0")
    known = suiting.conditions(settings, WITHOUT)
    assert (known.tokens, known.cache_type) == (4096, "q8_0")


@pytest.mark.parametrize("most", [0, 1])
def test_no_more_memory_counts_as_free_than_models_may_take_and_the_machine_stays_the_same(most: int):
    limited = suiting.conditions(Settings(max_memory_megabytes=most), WITHOUT).machine
    assert limited.free_bytes == (1_000_000 if most else WITHOUT.free_bytes)
    assert (limited.identity, limited.memory_bytes) == (WITHOUT.identity, WITHOUT.memory_bytes)
