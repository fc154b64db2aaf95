"""What code on trial may name: builtin functions and parts of standard modules that only compute.

Left out is whatever reaches files, frames, attributes by name (``attrgetter``, ``string.Formatter``) or builds code
(``namedtuple``). What is not here makes a trial undecided; it never makes code wrong.
"""

from __future__ import annotations

import builtins
import heapq
import importlib
from types import MappingProxyType
from typing import NoReturn


class Undecided(BaseException):
    """The evaluator cannot say what Python would do. No ``except`` of the code on trial catches it."""


class Library:
    """A module as far as it is offered."""

    def __init__(self, name: str) -> None:
        module = importlib.import_module(name)
        offered = _MODULES[name].split() or [public for public in dir(module) if not public.startswith("_")]
        self.__dict__.update({public: getattr(module, public) for public in offered})

    def __getattr__(self, name: str) -> NoReturn:
        raise Undecided(name)


_LATE = (heapq,)
"""What an offered module imports only when it is used; no file can be opened then."""

_MODULES = {
    "bisect": "",
    "collections": "ChainMap Counter OrderedDict defaultdict deque",
    "copy": "copy deepcopy",
    "fractions": "Fraction",
    "functools": "cache cmp_to_key lru_cache partial reduce",
    "heapq": "heapify heappop heappush heappushpop heapreplace merge nlargest nsmallest",
    "itertools": "",
    "math": "",
    "operator": "abs add and_ concat contains countOf eq floordiv ge gt indexOf inv invert itemgetter le lshift lt mod "
    "mul ne neg not_ or_ pos pow rshift sub truediv truth xor",
    "re": "A ASCII DOTALL I IGNORECASE M MULTILINE S VERBOSE X compile escape findall finditer fullmatch match search "
    "split sub subn",
    "statistics": "fmean geometric_mean harmonic_mean mean median median_high median_low mode multimode pstdev "
    "pvariance quantiles stdev variance",
    "string": "ascii_letters ascii_lowercase ascii_uppercase capwords digits hexdigits octdigits printable punctuation "
    "whitespace",
}
"""Offered names by module; an empty row offers all its public names."""

_BUILTINS = """
abs all any ascii bin bool bytearray bytes callable chr complex dict divmod enumerate filter float format frozenset hash
hex int iter len list map max min next object oct ord pow range repr reversed round set slice sorted str sum tuple zip
Ellipsis NotImplemented
ArithmeticError AssertionError AttributeError EOFError Exception FloatingPointError IndexError KeyError LookupError
NameError NotImplementedError OverflowError RuntimeError StopIteration TypeError UnicodeDecodeError UnicodeEncodeError
UnicodeError ValueError ZeroDivisionError
"""


def _type_of(value: object) -> type[object]:
    kind = type(value)
    is_builtin = getattr(builtins, kind.__name__, None) is kind
    # The type of a type makes classes, and a function's type makes functions.
    if not is_builtin or issubclass(kind, type):
        raise Undecided("type")
    return kind


def _is_instance(value: object, kind: type | tuple[type, ...]) -> bool:
    if _type_of in (kind if isinstance(kind, tuple) else (kind,)):
        raise Undecided("type")
    return isinstance(value, kind)


BUILTINS = MappingProxyType(
    {name: getattr(builtins, name) for name in _BUILTINS.split()} | {"type": _type_of, "isinstance": _is_instance}
)


def library(name: str | None) -> Library:
    """The module of that name; Undecided where it is not offered."""
    if name not in _MODULES:
        raise Undecided(name)
    return Library(name)


def is_offered(name: str | None) -> bool:
    """Whether `library` has it."""
    return name in _MODULES
