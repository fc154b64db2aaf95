"""A model that the user names by its path: a row made from what lies there. Nothing is copied, nothing is fetched.

It must never guess what only the model's maker knows: such a model is treated as one that continues code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lsp_server.models import own
from lsp_server.models.describe import described
from lsp_server.models.errors import UnknownModelError
from lsp_server.models.folders import is_whole
from lsp_server.models.rows import Model, ModelFile, Sources

_FOLDER = ("*.safetensors", "config.json")
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json")


def is_path(name: str) -> bool:
    """Whether ``name`` means a file or folder rather than a row."""
    return name.endswith(".gguf") or name.startswith((".", "~", "/")) or Path(name).is_dir()


def row(name: str, known: Sequence[Model]) -> Model:
    """The row of the ``.gguf`` file, or of the folder of safetensors, at that absolute or relative path.

    A file that has the name of one in ``known`` gets that row. Raises `UnknownModelError`.
    """
    path = Path(name).expanduser().absolute()
    if path.is_dir():
        inside = sorted(path.glob("*.gguf"))
        return _folder(path, known) if len(inside) != 1 else _file(inside[0], known)
    if path.is_file() and path.suffix == ".gguf":
        return _file(path, known)
    problem = f"{path} is no .gguf file" if path.exists() else f"there is no file {path}"
    raise UnknownModelError(problem, "check the path, or name a model (`phi-lsp models list`)")


def _file(path: Path, known: Sequence[Model]) -> Model:
    # An absolute `name` makes the store find the file where it is, and the content is the user's own: no hash.
    file = ModelFile(str(path), path.stat().st_size)
    namesake = next((model for model in known if model.file.name == path.name), None)
    if namesake is not None:
        return replace(namesake, files=(file,), sources=Sources())
    return own.row_for(described(path), path.stem, known)


def _folder(path: Path, known: Sequence[Model]) -> Model:
    wanted = (*_FOLDER, next((name for name in _TOKENIZERS if (path / name).is_file()), _TOKENIZERS[0]))
    lacking = [pattern for pattern in wanted if not any(path.glob(pattern))]
    if lacking or not is_whole(path):
        raise UnknownModelError(
            f"{path} is no model: it lacks {', '.join(lacking) or 'a part of its weights'}",
            "name a .gguf file or a folder with config.json, a tokenizer and *.safetensors",
        )
    return own.row_for(described(path), path.name, known)
