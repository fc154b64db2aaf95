"""What tests of every room share: real models, for those that need one."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.models import registry, store
from lsp_server.models.errors import ModelError
from lsp_server.models.rows import DEFAULT


@pytest.fixture(scope="session")
def smol_model() -> Path:
    """The smallest real model: good for plumbing, useless for quality."""
    return _installed("smollm2-135m")


@pytest.fixture(scope="session")
def default_model() -> Path:
    """The model that is used when none is named."""
    return _installed(DEFAULT)


def _installed(name: str) -> Path:
    try:
        return store.require(registry.find(name))
    except ModelError:
        pytest.skip(f"install with: phi-lsp models pull {name}")
