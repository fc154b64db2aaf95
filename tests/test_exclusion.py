from __future__ import annotations

import pytest

from lsp_server.exclusion import Exclusion, is_pattern

ROOT = "file:///home/me/work"


def why(path: str, *patterns: str, scheme: str = "file://") -> str:
    return Exclusion(patterns, (ROOT,)).why(f"{scheme}{path}")


@pytest.mark.parametrize(
    "path",
    [
        "/x/.env", "/x/.env.local", "/x/.ENV", "/x/prod.env", "/x/key.pem", "/x/id_rsa", "/home/me/.ssh/config.py",
        "/home/me/.aws/credentials", "/x/secrets.toml", "/x/a.tfvars", "/x/Wallet.KDBX", "/x/.docker/config.json",
        "/x/%2Eenv",
    ],
)  # fmt: skip
def test_what_usually_holds_secrets_is_excluded_without_a_setting(path: str) -> None:
    assert "hold secrets" in why(path)
    assert "hold secrets" in why(path, "!.env", "!*")


@pytest.mark.parametrize(
    "path",
    [
        "/x/main.py",
        "/x/secrets.py",
        "/x/environment.py",
        "/x/.env.example",
        "/x/keys.cpp",
        "/x/config.json",
        "/x/ssh/a.c",
    ],
)
def test_code_is_not(path: str) -> None:
    assert why(path) == ""


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("private.py", "private.py"),
        ("a/b/private.py", "private.py"),
        ("a/private/b.py", "private/"),
        ("a/private/b.py", "private"),
        ("private/b.py", "/private/"),
        ("a/b_secret.py", "*_secret.py"),
        ("docs/deep/x.py", "docs/**"),
        ("a/generated/x.py", "**/generated/*.py"),
        ("ä ö/x.py", "ä ö/"),
    ],
)
def test_patterns_mean_what_they_mean_in_gitignore(path: str, pattern: str) -> None:
    assert why(f"/home/me/work/{path}", pattern).endswith(f"the setting `exclude` has `{pattern}`")


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("a/private/b.py", "/private/"),
        ("a/private", "private/"),
        ("private_too.py", "private"),
        ("a/b.py", "docs/*.py"),
        ("docs/deep/x.py", "docs/*.py"),
        ("a.py", "# a.py"),
    ],
)
def test_what_they_do_not_mean_is_read(path: str, pattern: str) -> None:
    assert why(f"/home/me/work/{path}", pattern) == ""


def test_a_later_pattern_takes_back_an_earlier_one_but_not_inside_an_excluded_folder() -> None:
    assert why("/home/me/work/keep.py", "*.py", "!keep.py") == ""
    assert why("/home/me/work/other.py", "*.py", "!keep.py")
    assert why("/home/me/work/out/keep.py", "out/", "!keep.py")


def test_patterns_are_seen_from_the_innermost_folder_that_is_open() -> None:
    exclusion = Exclusion(("/build/",), ("file:///a", "file:///a/b/"))
    assert exclusion.why("file:///a/build/x.py")
    assert exclusion.why("file:///a/b/build/x.py")
    assert exclusion.why("file:///a/c/build/x.py") == ""
    assert exclusion.why("file:///build/x.py")


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "", "x", "file:", "vscode-notebook-cell:/a/b.ipynb#W0s"])
def test_whatever_is_named_has_an_answer(uri: str) -> None:
    assert Exclusion(("private/",), (ROOT,)).why(uri) == ""


def test_cells_are_excluded_with_their_notebook() -> None:
    assert why("/home/me/work/private/a.ipynb#W0s", "private/", scheme="vscode-notebook-cell:")


@pytest.mark.parametrize("text", ["a", "/a/", "!a", "**/a", "", "#", "a b", "/", "[ab]"])
def test_lines_of_a_gitignore_are_patterns(text: str) -> None:
    assert is_pattern(text)


@pytest.mark.parametrize("text", [5, None, "a\nb", "[z-a]", "!"])
def test_others_are_none(text: object) -> None:
    assert not is_pattern(text)
