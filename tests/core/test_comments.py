"""Comments that code written anew left out."""

from __future__ import annotations

import pytest

from lsp_server.core.comments import with_comments
from lsp_server.core.languages import PYTHON, C

CASES = [
    (PYTHON, "\n    # first\n    y = x\n    return y", "\n    y = x\n    return y", "\n    # first\n    y = x\n    return y"),
    (PYTHON, "\n    y = x  # two\n    return y", "\n    y = x\n    return 1 + y", "\n    y = x  # two\n    return 1 + y"),
    (PYTHON, "\n    # sum\n    for a in b:\n        c(a)", "\n    for d in b:\n        c(d)", "\n    # sum\n    for d in b:\n        c(d)"),
    (PYTHON, "\n    y = x\n    # end\n    return y", "\n    if y:\n        print(y)", "\n    if y:\n        print(y)"),
    (PYTHON, "\n    # one\n    y = x", "\n    # another\n    y = x", "\n    # another\n    y = x"),
    (PYTHON, "\n    y = x  # two\n    z = y", "\n    # two\n    y = x\n    z = y", "\n    # two\n    y = x\n    z = y"),
    (PYTHON, "\n    y = '# no'\n    return y", "\n    return '# no'", "\n    return '# no'"),
    (C, "\n    /* add */\n    a = b + c; // all\n    // end", "\n    a = b + c;", "\n    /* add */\n    a = b + c; // all\n    // end"),
]  # fmt: skip
"""Language, old body, new body, what comes of them."""


@pytest.mark.parametrize(("language", "old", "new", "kept"), CASES)
def test_a_comment_is_kept_where_its_code_is(language, old, new, kept):
    assert with_comments(language, old, new) == kept


@pytest.mark.parametrize(("language", "old"), [case[:2] for case in CASES])
def test_code_that_stayed_keeps_all_its_comments(language, old):
    assert with_comments(language, old, old) == old
