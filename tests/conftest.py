"""What tests of every room share: real models, for those that need one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from lsp_server.models import registry, store
from lsp_server.models.errors import ModelError
from lsp_server.models.rows import DEFAULT

settings.register_profile("untimed", deadline=None)  # machines are busy; time is measured in benchmarks
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def smol_model() -> Path:
    """The smallest real model: good for plumbing, useless for quality."""
    return _installed("smollm2-135m")


@pytest.fixture(scope="session")
def default_model() -> Path:
    """The model that is used when none is named."""
    return _installed(DEFAULT)


@pytest.fixture(scope="session")
def installed() -> Callable[[str], Path]:
    """Where the files of a model of that name are; who asks for one that is not there is skipped."""
    return _installed


@pytest.fixture(scope="session")
def tiny_phi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small model of the Phi architecture, trained now; its idle layers make it slow enough."""
    pytest.importorskip("transformers", reason="install with: pip install -e '.[transformers]'")
    from tests import tiny_phi as model  # noqa: PLC0415 -- it imports what may not be installed

    return model.save(tmp_path_factory.mktemp("models") / "tiny-phi", idle_layers=16)


@pytest.fixture(scope="session")
def tiny_phi_gguf(tiny_phi: Path) -> Path:
    """The same model as a GGUF file."""
    from tests import tiny_phi as model  # noqa: PLC0415 -- it imports what may not be installed

    return model.save_gguf(tiny_phi, tiny_phi.with_suffix(".gguf"))


def _installed(name: str) -> Path:
    try:
        return store.require(registry.find(name))
    except ModelError:
        pytest.skip(f"install with: phi-lsp models pull {name}")
