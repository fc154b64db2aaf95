"""Names of a C++ file changed for others that suit as well, the same everywhere: nobody has read what comes out.

Whole words inside names are exchanged (``heaviestHive`` for ``largestSwarm``), so that names go on meaning something.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping

import tree_sitter
import tree_sitter_cpp

Words = Mapping[str, str]
"""For every word that is exchanged, what stands in its place, both in lower case; words of one name joined by ``_``."""

_NAMED = {"identifier", "field_identifier", "type_identifier", "namespace_identifier", "comment"}
_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def chosen(table: Mapping[str, list[str]], seed: int) -> Words:
    """One of the alternatives for every word; about every third word stays as it is."""
    chance = random.Random(seed)
    return {word: chance.choice([word, *others]) for word, others in table.items()}


def renamed(source: str, words: Words) -> str:
    """The file with the names and comments exchanged."""
    data = source.encode()
    tree = tree_sitter.Parser(tree_sitter.Language(tree_sitter_cpp.language())).parse(data)
    for node in sorted(_nodes(tree.root_node), key=lambda node: -node.start_byte):
        said = data[node.start_byte : node.end_byte].decode()
        changed = _changed(said, words, _spoken if node.type == "comment" else _written)
        data = data[: node.start_byte] + changed.encode() + data[node.end_byte :]
    return data.decode()


def _changed(said: str, words: Words, join: Callable[[str], str]) -> str:
    return _PIECE.sub(lambda found: _exchanged(found[0], words, join), said)


def _nodes(root: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    pending = [root]
    while pending:
        node = pending.pop()
        if node.type in _NAMED:
            yield node
        pending += node.children


def _exchanged(piece: str, words: Words, join: Callable[[str], str]) -> str:
    """The word in the place of ``piece``, with its plural and its capital."""
    plain = piece.lower()
    plural = "s" if plain not in words and plain.endswith("s") else ""
    found = words.get(plain.removesuffix(plural))
    if found is None:
        return piece
    text = join(found) + plural
    return text[0].upper() + text[1:] if piece[0].isupper() else text


def _written(words: str) -> str:
    first, *rest = words.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _spoken(words: str) -> str:
    return words.replace("_", " ")
