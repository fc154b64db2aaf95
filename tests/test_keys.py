"""Where the key of a server comes from."""

from __future__ import annotations

import pytest

from lsp_server.keys import hint_for, key_for

URL = "https://gpu.example:8443/v1"


@pytest.fixture
def keyring(monkeypatch):
    """The real library with a keyring in memory; what is in it by service and name."""
    library = pytest.importorskip("keyring", reason="install with: pip install 'phi-lsp[keyring]'")
    kept: dict[tuple[str, str], str] = {}

    class InMemory(library.backend.KeyringBackend):
        priority = 1

        def get_password(self, service, username):
            if "locked" in kept.values():
                raise library.errors.KeyringLocked("the user does not open it")
            return kept.get((service, username))

        def set_password(self, service, username, password):
            raise NotImplementedError

    before = library.get_keyring()
    library.set_keyring(InMemory())
    yield kept
    library.set_keyring(before)


def test_the_environment_comes_first(monkeypatch, keyring):
    keyring["phi-lsp", "gpu.example"] = "kept"
    assert key_for(URL, "PHI_LSP_TEST_KEY") == "kept"
    monkeypatch.setenv("PHI_LSP_TEST_KEY", "given")
    assert key_for(URL, "PHI_LSP_TEST_KEY") == "given"


def test_no_key_is_no_error(keyring):
    assert key_for(URL, "PHI_LSP_TEST_KEY") == ""
    keyring["x", "y"] = "locked"
    assert key_for(URL, "PHI_LSP_TEST_KEY") == ""


def test_the_hint_says_both_places():
    assert "PHI_LSP_TEST_KEY" in hint_for(URL, "PHI_LSP_TEST_KEY")
    assert "keyring set phi-lsp gpu.example" in hint_for(URL, "PHI_LSP_TEST_KEY")
