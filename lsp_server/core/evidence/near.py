"""Names that are nearly the same: one slip of the keyboard apart, and not two names that people tell apart."""

from __future__ import annotations

import re
from collections.abc import Iterable

_TOLD_APART = re.compile(r"[\d_]")


def is_slip(written: str, meant: str) -> bool:
    """Whether one letter too many, too few, wrong, or out of order makes ``written`` of ``meant``.

    Not where only a digit, an underscore, an ending (``-s``, ``-t``, ``-T``) or the first letter differs: such names
    are chosen.
    """
    if written == meant or not written or not meant or written[0] != meant[0] or abs(len(written) - len(meant)) > 1:
        return False
    head = next((at for at, pair in enumerate(zip(written, meant, strict=False)) if pair[0] != pair[1]), None)
    if head is None:  # One more letter at the end.
        more = max(written, meant, key=len)[-1]
        return not (more in "stT" or _TOLD_APART.match(more))
    one, other = written[head:], meant[head:]
    swapped = one[:2] == other[1::-1] and one[2:] == other[2:]
    alone = _TOLD_APART.match(one[0]) or _TOLD_APART.match(other[0]) or one[0].lower() == other[0].lower()
    return swapped or (not alone and (one[1:] == other or one == other[1:] or one[1:] == other[1:]))


def nearest(written: str, names: Iterable[str], *, inward: bool = False) -> str | None:
    """The one name that ``written`` is a slip of; None when there is none or more than one.

    With ``inward`` the last letter is not the one that differs: names that differ there alone may both be right.
    """
    found = {name for name in names if is_slip(written, name)}
    if inward:
        found = {name for name in found if name[-1] == written[-1] or sorted(name) == sorted(written)}
    return found.pop() if len(found) == 1 else None
