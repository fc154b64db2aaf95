"""Comments that code written anew left out."""

from __future__ import annotations

import pytest

from lsp_server.core.kept_comments import with_comments
from lsp_server.core.languages import PYTHON, C

CASES = [
    (PYTHON, "# first\ny = x\nz = y", "y = x\nz = y", "# first\ny = x\nz = y"),
    (PYTHON, "\n  y = x  # two\n  z = y", "\n  y = x\n  z = 1 + y", "\n  y = x  # two\n  z = 1 + y"),
    (PYTHON, "# sum\nfor a in b:\n    c(a)", "for d in b:\n    c(d)", "# sum\nfor d in b:\n    c(d)"),
    (PYTHON, "# sum\nif a:\n    c(a)", "if b:\n  # sum\n  if a:\n    c(a)", "if b:\n  # sum\n  if a:\n    c(a)"),
    (PYTHON, "y = x\n# end\nreturn y", "if y:\n    print(y)", "if y:\n    print(y)"),
    (PYTHON, "# one\ny = x", "# another\ny = x", "# another\ny = x"),
    (PYTHON, "y = x  # two\nz = y", "# two\ny = x\nz = y", "# two\ny = x\nz = y"),
    (PYTHON, "y = '# no'\nreturn y", "return '# no'", "return '# no'"),
    (C, "/* add */\na = b; // all\n// end", "a = b;", "/* add */\na = b; // all\n// end"),
]
"""Language, old body, new body, what comes of them."""


@pytest.mark.parametrize(("language", "old", "new", "kept"), CASES)
def test_a_comment_is_kept_where_its_code_is(language, old, new, kept):
    assert with_comments(language, old, new) == kept


@pytest.mark.parametrize(("language", "old"), [case[:2] for case in CASES])
def test_code_that_stayed_keeps_all_its_comments(language, old):
    assert with_comments(language, old, old) == old
