"""The rows of ``models.json`` and those of the user, found by name. What a family of models shares is written once.

It must never know where a model's files lie or whether they are there: that is `store`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache, partial
from pathlib import Path
from typing import TypeVar

from cattrs import Converter, transform_error
from cattrs.errors import BaseValidationError, ForbiddenExtraKeysError

from lsp_server.models import local, own
from lsp_server.models.errors import RegistryError, UnknownModelError
from lsp_server.models.rows import DEFAULT, Model

T = TypeVar("T")
_PACKAGE = Path(__file__).parents[1]
# An installed package carries the file inside; a checkout has the one original at its top.
_LOCATIONS = (_PACKAGE / "models.json", _PACKAGE.parent / "models.json")


def load() -> tuple[Model, ...]:
    """All rows: those that came with the program in its order, then the user's that are in order."""
    return (*shipped(), *added()[0])


@cache
def shipped() -> tuple[Model, ...]:
    """All rows of the file that came with the program, in its order."""
    try:
        return parse(_location().read_text(encoding="utf-8"))
    except OSError as error:
        raise RegistryError(f"{_location()} cannot be read ({error.strerror})", "install phi-lsp again") from error


def _location() -> Path:
    return next((path for path in _LOCATIONS if path.is_file()), _LOCATIONS[0])


def added() -> tuple[tuple[Model, ...], tuple[str, ...]]:
    """The rows that the user added, and what is wrong in their file; a broken row costs itself only."""
    try:
        document = own.document()
    except RegistryError as error:
        return (), (str(error),)
    families = {**_families(), **document["families"]}
    models: list[Model] = []
    problems: list[str] = []
    for row in document["models"]:
        try:
            model = _structured(row, families)
            _check_names((*shipped(), *models, model))
            models.append(model)
        except RegistryError as error:
            problems.append(f"{own.location()}: {error}")
    return tuple(models), tuple(problems)


def parse(text: str) -> tuple[Model, ...]:
    """All rows of ``text``; `RegistryError` names the row and the key that are wrong."""
    try:
        document = json.loads(text)
        families, rows = dict(document["families"]), list(document["models"])
    except (ValueError, KeyError, TypeError) as error:
        raise RegistryError(
            "models.json is not a JSON object with `families` and a list `models`", f"correct it ({error!r})"
        ) from error
    models = tuple(_structured(row, families) for row in rows)
    _check_names(models)
    return models


def find(name: str = DEFAULT) -> Model:
    """The model of that name or alias, or the one at that path (see `local.row`); raises `UnknownModelError`."""
    models = load()
    found = next((model for model in models if name in model.names), None)
    if found is not None:
        return found
    if local.is_path(name):
        return local.row(name, shipped())
    alike = get_close_matches(name, [name for model in models for name in model.names], cutoff=0.5)
    meant = f"use {' or '.join(alike)}, one" if alike else "use one"
    broken = "".join(f" ({problem})" for problem in added()[1])
    raise UnknownModelError(
        f"there is no model `{name}`{broken}",
        f"{meant} of those that `phi-lsp models list` shows, or the path of a .gguf file or a folder of safetensors",
    )


@cache
def _families() -> Mapping[str, Mapping[str, object]]:
    """What each family that came with the program shares."""
    return dict(json.loads(_location().read_text(encoding="utf-8"))["families"])


def _structured(row: object, families: Mapping[str, object]) -> Model:
    if not isinstance(row, dict):
        raise RegistryError(f"models.json: {row!r} is not an object", "correct the row")
    # A model of the user's may be of no family that is known.
    family = families.get(str(row.get("family"))) if row.get("family") != "" else {}
    if not isinstance(family, dict):
        known = ", ".join(families)
        raise RegistryError(
            f"models.json, row `{row.get('name')}`: there is no `family` {row.get('family')!r}", f"use one of {known}"
        )
    try:
        return _converter().structure({**family, **row}, Model)
    except BaseValidationError as error:
        problems = "; ".join(transform_error(error, path="row", format_exception=_explained))
        raise RegistryError(f"models.json, row `{row.get('name')}`: {problems}", "correct the row") from error


def _check_names(models: tuple[Model, ...]) -> None:
    taken: dict[str, str] = {}
    for model in models:
        for name in model.names:
            if name in taken:
                raise RegistryError(
                    f"models.json: `{name}` names both `{taken[name]}` and `{model.name}`", "rename one"
                )
            taken[name] = model.name


def _explained(error: BaseException, _expected: type | None) -> str:
    match error:
        case ForbiddenExtraKeysError():
            return "unknown key " + ", ".join(f"`{key}`" for key in sorted(error.extra_fields))
        case KeyError():
            return f"key `{error.args[0]}` is missing"
    return str(error)


@cache
def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True)
    converter.register_structure_hook(str, partial(_exactly, str))
    converter.register_structure_hook(int, partial(_exactly, int))
    converter.register_structure_hook(bool, partial(_exactly, bool))
    converter.register_structure_hook(float, _number)
    converter.register_structure_hook_func(lambda kind: kind == tuple[str, ...], _strings)
    return converter


def _exactly(kind: type[T], value: object, _: type) -> T:
    # cattrs would turn 5 into "5" and "7" into 7; a value of the wrong type is a mistake to report.
    if type(value) is not kind:
        raise ValueError(f"{value!r} is not of type {kind.__name__}")
    return value


def _number(value: object, _: type) -> float:
    if type(value) not in (int, float):
        raise ValueError(f"{value!r} is not a number")
    return float(value)  # type: ignore[arg-type]  # just checked


def _strings(value: object, _: type) -> tuple[str, ...]:
    # Without this a plain string would be taken for the list of its letters.
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is not a list")
    return tuple(_exactly(str, item, str) for item in value)
