"""The user's own models: a row for a file or folder that nobody knew, and the file such rows are kept in.

A row is made of what the model's files say; where a family of known models is met again, that family's formats are
used, which were measured. The file has the form of ``models.json``; what is broken in it costs that row and is told.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from cattrs import Converter
from filelock import FileLock
from platformdirs import user_data_path

from lsp_server.core.dialogue import ANSWER
from lsp_server.models.describe import Description
from lsp_server.models.errors import RegistryError, UnknownModelError
from lsp_server.models.layouts import dialogue_for, formats_for, stops_for
from lsp_server.models.rows import Model, ModelFile, Serves
from lsp_server.models.store import HOME_VARIABLE

_WORDS = re.compile(r"[a-z]+[\d.]*[a-z]*|[\d.]+[a-z]*")
_INSTRUCTED = {"instruct", "instruction", "chat", "it", "assistant"}
_ASKING = ("formats", "dialogues", "serves", "stops", "languages", "tasks")
"""The fields of a row that say how its model is asked, and for what."""


def location() -> Path:
    """The user's models file: in ``PHI_LSP_HOME``, else in the platform's folder for a user's data."""
    chosen = os.environ.get(HOME_VARIABLE)
    folder = Path(chosen).expanduser().absolute() if chosen else user_data_path("phi-lsp", appauthor=False)
    return folder / "models.json"


def row_for(model: Description, name: str, known: Iterable[Model]) -> Model:
    """The row of a model nobody knew; ``known`` are those whose family it may belong to."""
    relatives = [row for row in known if _is_relative(model, row)]
    stranger = Model(
        name=name,
        aliases=(),
        family="",
        architecture=model.architecture,
        license=model.license,
        parameters=model.parameters,
        quantization=model.quantization,
        engine=model.engine,
        context_tokens=model.context_tokens,
        # Absolute names: the store finds them where they are. The content is the user's own: no hash.
        files=tuple(ModelFile(str(file), file.stat().st_size) for file in model.files),
        **_asked(model),
    )
    if not relatives:
        return stranger
    # The closest has most of its name in common: an instructed model is no base model.
    said = _words(model.name)
    closest = max(relatives, key=lambda row: (len(_words(row.family)), len(_words(row.name) & said)))
    return replace(stranger, family=closest.family, **{field: getattr(closest, field) for field in _ASKING})


def _asked(model: Description) -> dict[str, Any]:
    """The fields of a row that say how the model is asked; the keys are those of `_ASKING`."""
    formats, dialogue = formats_for(model), dialogue_for(model)
    name = "chat" if dialogue else "answer"
    return {
        "formats": formats,
        "dialogues": {name: dialogue or ANSWER},
        "serves": _serves(model, set(formats), name),
        "stops": stops_for(model),
        "languages": (),
        "tasks": ("complete", "ask") if dialogue else ("complete",),
    }


def _is_relative(model: Description, row: Model) -> bool:
    """Whether ``row``'s family is the model's too: same architecture, its name in the model's, all its words known."""
    if not row.family or row.architecture != model.architecture:
        return False
    wanted = {word for layout in row.formats.values() for word in re.findall(r"<[^<>\s{}]+>", layout.template)}
    return _words(row.family) <= _words(model.name) and model.vocabulary.issuperset({*wanted, *row.stops})


def _words(name: str) -> set[str]:
    return set(_WORDS.findall(name.lower()))


def _serves(model: Description, formats: set[str], ask: str) -> Serves:
    filling = "fim" if "fim" in formats else "code"
    instructed = "chat" in formats and bool(_words(model.name) & _INSTRUCTED)
    body, other = ("chat", "code") if instructed else ("code", "chat")
    return Serves(
        body=body,
        statement=filling,
        line=filling,
        weighed=("fim", "code") if filling == "fim" else (),
        second_opinions=(other,) if other in formats else (),
        ask=ask,
    )


def document() -> dict[str, Any]:
    """The user's file: ``models``, a list of objects, and ``families``. Raises `RegistryError` when it is broken."""
    path = location()
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not all(isinstance(row, dict) for row in found["models"]):
            raise TypeError("`models` is no list of objects")
        return {"families": dict(found.get("families", {})), "models": list(found["models"])}
    except FileNotFoundError:
        return {"families": {}, "models": []}
    except OSError as error:
        raise RegistryError(f"{path} cannot be read ({error.strerror})", "see that you may read it") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RegistryError(
            f"{path} is not a JSON object with a list `models` ({error!r})", "correct it, or move it away"
        ) from error


def keep(model: Model) -> Path:
    """Write the row into the user's file, in place of one of the same name. Raises `RegistryError` or OSError."""
    return _rewritten(model.name, [_as_json(model)])


def forget(name: str) -> Path:
    """Take the row of that name out of the user's file; the model's own files stay where they are."""
    names = [str(row.get("name")) for row in document()["models"]]
    if name not in names:
        raise UnknownModelError(f"`{name}` is no model that you added", f"yours are: {', '.join(names) or 'none'}")
    return _rewritten(name, [])


def _rewritten(name: str, rows: list[dict[str, Any]]) -> Path:
    """Put ``rows`` in the place of those of that name, in one step."""
    path = location()
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(path.name + ".lock")):
        found = document()
        found["models"] = [*(row for row in found["models"] if row.get("name") != name), *rows]
        partial = path.with_name(path.name + ".partial")
        partial.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        partial.replace(path)
    return path


def _as_json(model: Model) -> dict[str, Any]:
    """The row; what is so by default is left out where no family would say otherwise."""
    row: dict[str, Any] = Converter(omit_if_default=not model.family).unstructure(model)
    return row
