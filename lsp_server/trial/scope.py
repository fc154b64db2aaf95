"""Names and their values, nested as functions are. It knows nothing of syntax."""

from __future__ import annotations

from typing import Any

UNKNOWN = object()
"""The value of a name whose definition is not evaluated."""


class Scope:
    """The names of a module, a function's call, or a comprehension, inside those of ``outer``."""

    def __init__(
        self, outer: Scope | None, values: dict[str, Any] | None = None, *, comprehension: bool = False
    ) -> None:
        self.outer = outer
        self.values = {} if values is None else values
        self.comprehension = comprehension
        self.elsewhere: dict[str, Scope] = {}

    def owner(self, name: str) -> Scope | None:
        """The scope in which ``name`` has its value, looking outwards."""
        scope: Scope | None = self
        while scope is not None:
            scope = scope.elsewhere.get(name, scope)
            if name in scope.values:
                return scope
            scope = scope.outer
        return None

    def bind(self, name: str, value: object) -> None:
        """Give ``name`` a value here, or where ``global`` and ``nonlocal`` said."""
        self.elsewhere.get(name, self).values[name] = value

    def send(self, name: str, scope: Scope) -> None:
        """From now on ``name`` means the one of ``scope``."""
        self.elsewhere[name] = scope

    @property
    def function(self) -> Scope:
        """The innermost scope that is no comprehension's."""
        return self.outer.function if self.comprehension and self.outer else self

    @property
    def module(self) -> Scope:
        """The outermost scope."""
        return self if self.outer is None else self.outer.module
