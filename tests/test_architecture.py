"""The invariants of ARCHITECTURE.md, read from the source: who may import whom, and how large things may be."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import lsp_server

ROOT = Path(lsp_server.__file__).parent
PACKAGE = "lsp_server"

PROTOCOL = {"pygls", "lsprotocol"}
SPEAKERS = {
    "edge.server",
    "edge.commands",
    "edge.convert",
    "edge.notebooks",
    "edge.present",
    "edge.questions",
    "edge.publisher",
    "edge.abilities",
    "edge.protocol",
    "edge.structuring",
    "session.editor",
    "settings",
    "cli.driver",
}
"""Where protocol values may appear: the edge, what is said to the editor, and the client of the demo."""

ROOMS = {"edge", "session", "pipelines", "core", "engines", "models", "trial", "cluster", "cli"}
BELOW = {
    "session": {"edge", "cli", "cluster"},
    "pipelines": {"edge", "session", "cli", "cluster", "settings", "parts"},
}
"""What a room must not import: whatever stands above it."""

NATIVE = {
    "llama_cpp": {"engines.llama"},
    "llguidance": {"engines.constraint"},
    "torch": {"engines.hf", "engines.hf_network"},
    "transformers": {"engines.hf", "engines.hf_network"},
}
"""Where heavy libraries may be imported, and there only when an engine is opened."""

FETCHERS = {"models.web", "models.ranges", "models.offers", "models.hub", "models.modelscope"}
"""What is imported when something is to be fetched and not before, and by nothing else than itself."""

CLIENTS = {"huggingface_hub", "httpx2"}

CLUSTER = {"ray", "starlette", "pydantic", "fastapi"}
"""What only `cluster` may import: it is started by Ray, and nothing here starts it."""

OUTSIDE_CORE = {"asyncio", "os", "time", "logging", "pathlib", "threading", "subprocess", "socket"}

LINES_PER_FUNCTION = 60
LINES_PER_FILE = 400


@dataclass(frozen=True)
class Import:
    """``name`` imported by a module; ``lazy`` inside a function, ``typing`` for type checkers only."""

    name: str
    lazy: bool
    typing: bool

    @property
    def top(self) -> str:
        return self.name.split(".")[0]


@dataclass(frozen=True)
class Module:
    """One source file; ``name`` is relative to the package: ``core.syntax``, ``server``."""

    name: str
    path: Path

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"))

    @cached_property
    def imports(self) -> list[Import]:
        return list(_imports(self.tree, lazy=False, typing=False))

    @property
    def room(self) -> str:
        return self.name.split(".")[0] if self.name.split(".")[0] in ROOMS else ""

    def own_imports(self) -> Iterator[tuple[str, Import]]:
        """The modules of this package that this one imports, by the names used here."""
        for found in self.imports:
            if found.top == PACKAGE:
                yield found.name.removeprefix(PACKAGE).removeprefix("."), found


def _imports(node: ast.AST, *, lazy: bool, typing: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, lazy, typing) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports are absolute"
            assert child.module
            yield Import(child.module, lazy, typing)
            if child.module.split(".")[0] == PACKAGE:
                yield from (Import(f"{child.module}.{alias.name}", lazy, typing) for alias in child.names)
        else:
            function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            checking = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
            yield from _imports(child, lazy=lazy or function, typing=typing or checking)


def _modules() -> list[Module]:
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found.append(Module(".".join(parts).removesuffix("__init__").removesuffix("."), path))
    return found


MODULES = _modules()
NAMES = {module.name for module in MODULES}


def each(check: Callable[[Module], None]) -> Callable[[], None]:
    """A test that makes the check of every module: thousands of tests would take longer than the checks."""

    def test() -> None:
        for module in MODULES:
            try:
                check(module)
            except AssertionError as error:
                error.add_note(f"in {module.name or PACKAGE}")
                raise

    test.__name__, test.__doc__ = check.__name__, check.__doc__
    return test


def test_there_is_a_package_to_look_at() -> None:
    assert {"edge.server", "edge.convert", "pipelines.complete", "core.syntax", "engines.base", "__main__"} <= NAMES
    assert {found.top for module in MODULES for found in module.imports} >= {"pygls", "lsprotocol", "tree_sitter"}


@each
def test_the_protocol_stays_at_the_edge(module: Module) -> None:
    if module.name not in SPEAKERS:
        assert not [found.name for found in module.imports if found.top in PROTOCOL]


@each
def test_native_libraries_have_one_file_each_and_wait_for_an_engine(module: Module) -> None:
    for found in module.imports:
        if found.top in NATIVE and not found.typing:
            assert module.name in NATIVE[found.top], f"{found.name} does not belong in {module.name}"
            assert found.lazy, f"{found.name} is imported before an engine is opened"


@each
def test_what_reaches_for_the_network_is_imported_when_something_is_to_be_fetched(module: Module) -> None:
    if module.name not in FETCHERS:
        eager = [(name, found) for name, found in module.own_imports() if not found.lazy and not found.typing]
        assert not [name for name, _ in eager if name in FETCHERS]
        clients = [found.name for found in module.imports if found.top in CLIENTS and not (found.typing or found.lazy)]
        assert not clients


@each
def test_the_network_is_reached_by_what_fetches_and_by_the_remote_engine(module: Module) -> None:
    if module.name not in FETCHERS | {"engines.remote"}:
        assert not [found.name for found in module.imports if found.top in CLIENTS and not found.typing]


@each
def test_the_core_knows_nothing_of_other_rooms_or_of_the_world(module: Module) -> None:
    if module.room == "core":
        assert not [name for name, _ in module.own_imports() if name and not name.startswith("core")]
        assert not [found.name for found in module.imports if found.top in OUTSIDE_CORE]


@each
def test_engines_models_and_trials_know_the_core_only(module: Module) -> None:
    if module.room in ("engines", "models", "trial"):
        beyond = [name for name, _ in module.own_imports() if name and name.split(".")[0] not in ("core", module.room)]
        assert not [name for name in beyond if name in NAMES]


@each
def test_the_cluster_knows_engines_and_models_and_nobody_knows_it(module: Module) -> None:
    rooms = {name.split(".")[0] for name, _ in module.own_imports() if name in NAMES and name}
    if module.room == "cluster":
        assert rooms <= {"core", "engines", "models", "cluster", "opening", "settings"}
    else:
        assert "cluster" not in rooms
        assert not [found.name for found in module.imports if found.top in CLUSTER]


@each
def test_rooms_do_not_know_what_stands_above_them(module: Module) -> None:
    above = BELOW.get(module.room, set())
    assert not [name for name, _ in module.own_imports() if name in NAMES and name.split(".")[0] in above]


@each
def test_pipelines_do_not_know_the_world(module: Module) -> None:
    if module.room == "pipelines":
        assert not [found.name for found in module.imports if found.top in {"asyncio", "threading", "pathlib", "os"}]


@each
def test_only_the_command_line_knows_the_command_line(module: Module) -> None:
    if module.room != "cli" and module.name != "__main__":
        assert not [name for name, found in module.own_imports() if name.split(".")[0] == "cli" and not found.typing]


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = {
        module.name: {
            name for name, found in module.own_imports() if name in NAMES and not found.lazy and not found.typing
        }
        - {module.name, ""}
        for module in MODULES
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


@each
def test_modules_say_what_they_are_for_and_stay_readable(module: Module) -> None:
    assert ast.get_docstring(module.tree), "no module docstring"
    assert len(module.path.read_text(encoding="utf-8").splitlines()) <= LINES_PER_FILE
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < LINES_PER_FUNCTION, f"{node.name} is too long"
