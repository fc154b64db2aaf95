"""How the application is put together, before anything of it runs."""

from __future__ import annotations

import pytest

pytest.importorskip("ray.serve", reason="install with: pip install 'phi-lsp[cluster]'")

from pydantic import ValidationError
from ray.serve import Application

from lsp_server.cluster import app
from lsp_server.cluster.application import KeyMissingError, spec_of
from lsp_server.cluster.options import KEY_VARIABLE, Options, Served
from lsp_server.engines.specs import LlamaSpec
from lsp_server.models.errors import UnknownModelError


@pytest.fixture
def key(monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, "first, second")


@pytest.mark.parametrize("value", ["", " , "])
def test_without_a_key_nothing_is_started_and_how_to_make_one_is_told(monkeypatch, value):
    monkeypatch.setenv(KEY_VARIABLE, value)
    with pytest.raises(KeyMissingError, match=f"set {KEY_VARIABLE}.*openssl rand"):
        app({"model": "smollm2-135m"})


def test_arguments_of_the_command_line_are_words(key):
    assert isinstance(app({"model": "smollm2-135m", "replicas": "2", "most_replicas": "4", "gpus": "0.5"}), Application)


def test_several_models_have_options_of_their_own():
    wanted = Options.model_validate({"model": "a", "replicas": 2, "also": [{"model": "b", "queue": 3}]})
    assert wanted.models == [Served(model="a", replicas=2), Served(model="b", queue=3)]


@pytest.mark.parametrize("wrong", [{"replica": 2}, {"replicas": 0}, {"also": [{"queue": -1}]}, {"gpus": -1}])
def test_what_cannot_be_set_is_refused(key, wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        app(wrong)


def test_an_unknown_model_is_refused_before_anything_starts(key):
    with pytest.raises(UnknownModelError, match="unheard-of"):
        app({"model": "unheard-of"})


@pytest.mark.model
def test_a_replica_computes_with_the_cores_it_takes(smol_model):
    spec = spec_of(Served(model="smollm2-135m", processors=3, context_tokens=99_999))
    assert spec == LlamaSpec(str(smol_model), 8192, 3)
