"""What is to be written at a place."""

from lsp_server.core.context import Extent
from lsp_server.core.document import Document
from lsp_server.core.syntax import context_at
from lsp_server.core.target import target_for


def check(marked: str, extent: Extent, language: str = "python", **expected: object) -> None:
    offset = marked.index("|")
    document = Document("file:///a", language, marked.replace("|", "", 1))
    target = target_for(context_at(document, offset))
    assert target.extent is extent
    assert {name: getattr(target, name) for name in expected} == expected
    assert target.head + target.typed + target.after == document.text.replace("\r\n", "\n")


def test_an_empty_python_body_is_written_on_the_next_line():
    check("def f(x):|", Extent.BODY, lead="\n", indent="    ", typed="")


def test_indentation_that_is_there_is_not_inserted_again():
    check("def f(x):\n    |", Extent.BODY, lead="", indent="    ", typed="    ")


def test_a_body_after_the_docstring():
    check('def f(x):\n    """Twice."""|', Extent.BODY, lead="\n", indent="    ")


def test_a_cpp_signature_gets_its_brace():
    check("int f(int x)|", Extent.BODY, "cpp", lead=" {\n", closed=False)


def test_a_brace_on_its_own_line_where_the_file_has_them_so():
    check("int g()\n{\n    return 1;\n}\n\nint f(int x)|\n", Extent.BODY, "cpp", lead="\n{\n", closed=False)


def test_the_line_after_a_cpp_signature_begins_with_the_brace():
    check("int f(int x)\n|\n", Extent.BODY, "cpp", lead="{\n")


def test_a_closed_pair_of_braces_is_filled():
    check("int f(int x) {\n    |\n}\n", Extent.BODY, "cpp", lead="", closed=True, typed="    ")
    check("int f(int x) {|}\n", Extent.BODY, "cpp", lead="\n", closed=True)


def test_a_gap_before_further_statements_is_one_statement():
    check("def f(x):\n    y = x\n    |\n    return y\n", Extent.STATEMENT)


def test_the_end_of_a_body_is_the_rest_of_the_block():
    check("def f(x):\n    y = x\n    |\n\n\ndef g():\n    pass\n", Extent.BLOCK)
    check("int f(int x) {\n    int y = x;\n    |\n}\n", Extent.BLOCK, "cpp", closed=True)


def test_text_after_the_cursor_leaves_the_rest_of_the_line():
    check("def f(x):\n    return max(|)\n", Extent.LINE)


def test_blanks_before_the_cursor_are_not_shown_and_not_doubled():
    check("def f(x):\n    y = |\n    return y\n", Extent.STATEMENT, typed=" ")


def test_crlf():
    check("def f(x):\r\n    |\r\n", Extent.BODY, typed="    ", after="\n")


def test_the_first_indentation_typed_in_a_document_is_its_unit():
    check("void f()\n{\n\t|\n}\n", Extent.BODY, "c", indent="\t", unit="\t")
    check("def f():\n  |\n", Extent.BODY, indent="  ", unit="  ")
    check("def f():\n    if x:\n        y()\n\ndef g():\n        |\n", Extent.BODY, unit="    ")


def test_the_margin_is_what_was_typed_of_the_insertions_first_line():
    check("def f():\n    |\n", Extent.BODY, margin="    ", before="def f():\n")
    check("def f():\n    x = |\n", Extent.STATEMENT, margin="", before="def f():\n    x = ")
    check("int f()\n    |\n", Extent.BODY, "cpp", lead="{\n", margin="", before="int f()\n    ")
