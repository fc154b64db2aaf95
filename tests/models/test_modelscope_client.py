"""ModelScope's own client on our server: what the server speaks is what that client expects, cache included."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.models import download
from lsp_server.models.rows import Model
from tests.models.conftest import ASKED, FILES, REPOSITORY
from tests.models.hub_server import Hub


def test_its_downloads_are_found_in_its_cache_and_used_where_they_lie(hub: Hub, phi: Model, tmp_path: Path):
    client = pytest.importorskip("modelscope_hub", reason="install with: pip install modelscope-hub")
    client.HubApi(endpoint=hub.address).download_repo(REPOSITORY, "model", cache_dir=tmp_path / "ms")
    asked = list(hub.asked)
    path = download.present(phi)
    assert path.is_relative_to(tmp_path / "ms")
    assert {name: (path / name).read_bytes() for name in ASKED} == {name: FILES[name] for name in ASKED}
    assert hub.asked == asked
