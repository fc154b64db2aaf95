"""A started Neovim for a test: both releases, with a scripted engine or the default model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.editors.nvim.editor import REAL, Editor, configuration, scripted
from tests.editors.nvim.install import HOW, program

Start = Callable[..., Editor]
RELEASES = ("0.12", "0.11")


def installed(release: str) -> Path:
    """The program of that release; who asks for one that is not there is skipped."""
    if not program(release).exists():
        pytest.skip(f"there is no Neovim {release}: {HOW}")
    return program(release)


@pytest.fixture(params=RELEASES)
def neovim(request: pytest.FixtureRequest) -> Path:
    """Each release: 0.12 has inline completion of its own, in 0.11 it is ours."""
    return installed(request.param)


@contextmanager
def starting(neovim: Path, folder: Path) -> Iterator[Start]:
    """Starts editors whose server has a scripted engine; all are ended with the block."""
    with ExitStack() as stack:

        def begin(
            *scripts: dict[str, Any], settings: Any = None, more: str = "", name: str = "a", **wish: Any
        ) -> Editor:
            init = configuration(scripted(*scripts, **wish), settings or {}, more)
            return stack.enter_context(closing(Editor(neovim, folder / name, init)))

        yield begin


@pytest.fixture
def start(neovim: Path, tmp_path: Path) -> Iterator[Start]:
    """Starts editors of one release for one test."""
    with starting(neovim, tmp_path) as begin:
        yield begin


@pytest.fixture(scope="module", params=RELEASES)
def start_shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts editors of each release for the tests of a module."""
    with starting(installed(request.param), tmp_path_factory.mktemp("shared")) as begin:
        yield begin


def home_with(model: Path, folder: Path) -> Path:
    """A home of the server in ``folder`` that has the model."""
    models = folder / "home" / "models"
    models.mkdir(parents=True)
    (models / model.name).symlink_to(model)
    return models.parent


@pytest.fixture(scope="module", params=RELEASES)
def real(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, default_model: Path
) -> Iterator[Editor]:
    """An editor with the default model, for the tests of a module one after the other."""
    neovim = installed(request.param)
    folder = tmp_path_factory.mktemp("real")
    home = home_with(default_model, folder)
    init = configuration(REAL, {}, "vim.o.expandtab, vim.o.shiftwidth = true, 4")
    with closing(Editor(neovim, folder / "editor", init, home=home)) as editor:
        editor.open("first.py", "x = 1\n", insert=False)
        yield editor
