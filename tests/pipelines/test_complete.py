"""The pipeline, from a document with a cursor to what is suggested, with a scripted model."""

from __future__ import annotations

import ast
from dataclasses import replace

import pytest

from lsp_server.core.document import Document, Span
from lsp_server.core.syntax import adds_error
from lsp_server.engines.process import EngineProcess
from lsp_server.engines.specs import Script, ScriptedSpec
from lsp_server.models import registry
from lsp_server.pipelines.complete import complete
from lsp_server.pipelines.request import Options, Outcome, Request, Writer
from tests.scripted import RecordedEngine, answer, marked

ROW = registry.find()
CHAT, FIM = "<|im_start|>", "<|fim_prefix|>"
"""What only prompts in these formats hold."""


async def outcome(
    text: str, *answers: Script | str, language: str = "python", engine: RecordedEngine | None = None, **options: object
) -> Outcome:
    """What comes of the document at its ``|``, of which every suggestion is checked."""
    document, offset = marked(text, language)
    scripts = [one if isinstance(one, Script) else answer(one) for one in answers]
    found = await complete(Request(document, offset, ROW, Options(**options)), engine or RecordedEngine(*scripts))
    for suggestion in found.suggestions:
        assert suggestion.span == Span(offset, offset)
        assert not adds_error(document, suggestion.span, suggestion.text)
    assert bool(found.reason) == (not found.suggestions)
    return found


async def check(text: str, said: str | Script, inserted: str, language: str = "python", **options: object) -> None:
    """With the best suggestion put in, the document reads ``inserted``."""
    assert accepted(text, await outcome(text, said, language=language, **options)) == inserted


def accepted(text: str, found: Outcome) -> str:
    """The document with the best suggestion put in."""
    best = found.suggestions[0]
    return marked(text)[0].edited(best.span, best.text).text


async def check_nothing(text: str, said: str | Script, reason: str, **options: object) -> None:
    found = await outcome(text, said, **options)
    assert found.suggestions == ()
    assert reason in found.reason
    assert not said or not isinstance(said, str) or said.strip() not in found.reason


async def test_a_body():
    await check("def f(x):\n    |\n", "    return x\n\n\ndef g():\n    pass", "def f(x):\n    return x\n")
    await check("def f(x):|", "    return x\n\n\ndef g():\n    pass", "def f(x):\n    return x")
    await check("int f(int x)|", "    return x;\n}\n\nint g() {", "int f(int x) {\n    return x;\n}", "cpp")


async def test_the_trace_tells_what_was_seen_and_done():
    trace = (await outcome("def f(x):\n    |\n", "    return x\n")).trace
    assert trace.context is not None
    assert trace.target is not None
    assert trace.prompt is not None
    assert trace.format == ROW.serves.body
    assert trace.prompt.text.endswith("def f(x):\n")
    assert trace.written.raw == "    return x\n"


async def test_shorter_forms_come_after_the_whole():
    found = await outcome("def f(x):\n    |\n", "    y = x\n    return y\n")
    assert [one.text for one in found.suggestions] == ["y = x\n    return y", "y = x"]


async def test_an_unknown_language_has_a_reason_and_asks_nobody():
    engine = RecordedEngine(answer("x"))
    found = await complete(Request(Document("file:///a.rs", "rust", "fn f() {\n"), 9, ROW), engine)
    assert (found.suggestions, found.reason) == ((), "no support for the language 'rust'")
    assert engine.streamed + engine.branched == []


async def test_the_file_name_tells_the_language_where_the_editor_does_not():
    document = Document("file:///a.py", "plaintext", "def f(x):\n    ")
    found = await complete(Request(document, len(document.text), ROW), RecordedEngine(answer("    return x\n")))
    assert found.suggestions[0].text == "return x"


async def test_silence_has_a_reason():
    await check_nothing("def f(x):\n    |\n", "", "the model had nothing to add")


async def test_what_does_not_parse_is_not_shown():
    await check_nothing("def f(x):\n    |\n", "    return x +* 2\n", "does not parse")
    await check_nothing("def f(x):\n    y = |\n    return y\n", "x)\n", "does not parse", patient=False)


LOOP = "def total(xs):\n    t = 0\n    for x in xs:\n        t += x\n|"
"""Four lines, and a fifth on which nothing was typed."""


@pytest.mark.parametrize("end", ["", "\n", "\n\n\nprint(total([]))\n"], ids=repr)
@pytest.mark.parametrize("line", ["        t += 1", "    return t"], ids=["the loop's", "the function's"])
async def test_the_indentation_of_the_chosen_line_decides_which_block_it_continues(line: str, end: str):
    found = await outcome(LOOP + end, Script((line, "\n"), when="t += x\n"))
    assert found.suggestions[0].text.startswith(line)


async def test_indentation_that_was_typed_decides_whatever_the_model_says():
    text = "def f(x):\n    if x:\n        x += 1\n        |\n    return x\n"
    await check(text, "    x += 2\n", text.replace("|", "x += 2"))


GAP = "def f(y):\n    y += 1\n    |\n    return y\n"


@pytest.mark.parametrize("candidates", [0, 1, 3])
async def test_the_next_line_is_never_proposed_again(candidates: int):
    found = await outcome(GAP, "    return y\n", candidates=candidates)
    assert found.suggestions == ()
    assert found.reason


async def test_one_who_proposes_the_next_line_does_not_keep_others_from_another():
    await check_gap(answer("    return y\n", when=FIM), answer("    y *= 2\n"))


async def check_gap(*answers: Script) -> None:
    found = await outcome(GAP, *answers)
    assert found.suggestions[0].text == "y *= 2"


async def test_a_name_that_the_rest_of_the_function_needs_is_bound():
    text = "def f(y):\n    y += 1\n    |\n    return z\n"
    found = await outcome(text, Script((" y * 2\n",), when="    z ="), answer("    y += 2\n"))
    assert found.suggestions[0].text == "z = y * 2"


async def test_a_block_without_a_header_gets_one():
    text = "def total(xs):\n    t = 0\n    |\n        t += x\n    return t\n"
    scripts = (Script((" xs:\n",), when="    for x in"), answer("    t = 1\n"))
    found = await outcome(text, engine=RecordedEngine(*scripts, likelihoods={"    for x in xs:": 0.0}))
    assert found.suggestions[0].text == "for x in xs:"


async def test_candidates_are_how_many_formats_propose():
    for candidates, asked in ((0, 0), (1, 0), (2, 2), (8, len(ROW.serves.weighed))):
        engine = RecordedEngine(answer("    y *= 2\n"))
        await outcome(GAP, engine=engine, candidates=candidates)
        assert len(engine.branched) == asked


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=repr)
async def test_in_front_of_a_whole_line_a_line_is_inserted_above_it(newline: str):
    text = "def f(y):\n    y += 1\n|    return y\n".replace("\n", newline)
    await check(text, "    y *= 2\n", text.replace("|", f"    y *= 2{newline}"))


async def test_above_the_first_line_too():
    await check("|def f(y):\n    return y\n", "import math\n", "import math\ndef f(y):\n    return y\n")


async def test_every_form_of_a_line_above_has_its_line_end():
    found = await outcome("def f(y):\n    y += 1\n|    return y\n", "    if y:\n        y *= 2\n    y *= 3\n")
    assert all(one.text.endswith("\n") and not one.text.endswith("\n\n") for one in found.suggestions)


async def test_in_the_middle_of_a_line_nothing_is_inserted_above():
    await check("def f(x):\n    return max(|)\n", "x, 1)\n", "def f(x):\n    return max(x, 1)\n", patient=False)


@pytest.mark.parametrize("newline", ["\r\n", "\r"], ids=repr)
async def test_line_ends_are_the_documents(newline: str):
    text = "def f(x):\n    |\n".replace("\n", newline)
    await check(text, "    x += 1\n    return x\n", f"def f(x):{newline}    x += 1{newline}    return x{newline}")


FIRST, SECOND = "    return unknown(x)\n", "    return x + 1\n"
BODY = "def f(x):\n    |\n"


async def test_a_second_opinion_is_asked_for_where_the_first_answer_uses_undefined_names():
    engine = RecordedEngine(answer(FIRST, CHAT), answer(SECOND))
    found = await outcome(BODY, engine=engine)
    assert found.suggestions[0].text == SECOND.strip()
    # The formats `chat`, `script` and `code`: the first two are chats, and the script answers them alike.
    assert [CHAT in prompt for prompt in engine.streamed] == [True, True, False]


@pytest.mark.parametrize(
    "second", ["    return unknown(x) + 1\n", "    return unknown(other)\n", "    return x +* 1\n", ""], ids=repr
)
async def test_a_second_opinion_is_only_taken_when_it_is_better(second: str):
    found = await outcome(BODY, answer(FIRST, CHAT), answer(second))
    assert found.suggestions[0].text == FIRST.strip()


async def test_no_second_opinion_is_asked_for_where_every_name_is_known():
    engine = RecordedEngine(answer(SECOND))
    await outcome(BODY, engine=engine)
    await outcome("import other\n" + BODY, answer("    return other.f(x)\n"), engine=engine)
    assert len(engine.streamed) == 2


async def test_a_missing_import_alone_is_no_reason_to_doubt():
    engine = RecordedEngine(answer("    return math.sqrt(x)\n"))
    await outcome(BODY, engine=engine)
    assert len(engine.streamed) == 1


async def test_no_second_opinion_is_asked_for_where_the_first_answer_is_to_be_taken():
    engine = RecordedEngine(answer(FIRST))
    await outcome(BODY, engine=engine, candidates=0)
    assert len(engine.streamed) == 1


async def test_a_model_without_a_format_for_it_gives_no_second_opinion():
    document, offset = marked(BODY)
    engine = RecordedEngine(answer(FIRST))
    row = replace(ROW, serves=replace(ROW.serves, second_opinions=()))
    assert (await complete(Request(document, offset, row), engine)).suggestions
    assert len(engine.streamed) == 1


async def test_what_is_shown_on_the_way_is_the_first_opinions():
    heard: list[str] = []
    document, offset = marked(BODY)
    await complete(Request(document, offset, ROW), RecordedEngine(answer(FIRST, CHAT), answer(SECOND)), heard.append)
    assert FIRST.strip().startswith("".join(heard))


@pytest.mark.parametrize(
    ("place", "inserted"),
    [
        ("def f(x):\n    |\n", "def f(x):\n    import math\n    import re\n    return"),
        ("def f(x):|\n", "def f(x):\n    import math\n    import re\n    return"),
        ("def f(x): |\n", "def f(x): \n    import math\n    import re\n    return"),
        ("def f(x):\n|\n", "def f(x):\n    import math\n    import re\n    return"),
        ("def f(x):\n  |\n", "def f(x):\n  import math\n  import re\n  return"),
        ("def f(x):\n\t|\n", "def f(x):\n\timport math\n\timport re\n\treturn"),
        ('def f(x):\n    """Doc."""\n    |\n', '"""Doc."""\n    import math\n    import re\n    return'),
        ('def f(x):\n    """Doc."""|\n', '"""Doc."""\n    import math\n    import re\n    return'),
        ("class A:\n    def f(x):\n        |\n", "        import math\n        import re\n        return"),
        ("class A:\n    def f(x):\n    |\n", "        import math\n        import re\n        return"),
        ("def f(x):\r\n    |\r\n", "def f(x):\r\n    import math\r\n    import re\r\n    return"),
    ],
    ids=repr,
)
async def test_missing_standard_imports_come_first_in_the_body(place: str, inserted: str):
    text = accepted(place, await outcome(place, "    return math.sqrt(re.I)\n"))
    assert inserted in text
    assert ast.parse(text)


async def test_imports_that_are_there_are_not_repeated():
    await check("import math\n" + BODY, "    return math.pi\n", "import math\ndef f(x):\n    return math.pi\n")


async def test_nothing_is_imported_for_a_statement_or_between_braces():
    await check(GAP, "    y *= math.pi\n", GAP.replace("|", "y *= math.pi"), candidates=0)
    await check("int f(int x)|\n", "    return math.x;\n}\n", "int f(int x) {\n    return math.x;\n}\n", "cpp")


async def test_whole_functions_are_written_by_the_model_that_is_there_for_them():
    other = RecordedEngine(answer("    return 2\n"))
    functions = Writer(replace(ROW, name="other"), other)
    for text, engines in (("def f():\n    |\n", 1), ("def f():\n    x = |\n    return x\n", 0)):
        document, offset = marked(text)
        typing = RecordedEngine(answer("1\n"))
        found = await complete(Request(document, offset, ROW, Options()), typing, functions=functions)
        assert found.suggestions
        assert (len(other.streamed), bool(typing.streamed)) == (1, engines == 0)


async def test_an_answer_is_stopped_once_it_is_complete():
    engine = RecordedEngine(answer(SECOND + "\n\ndef g():\n" + "    pass\n" * 100))
    await outcome(BODY, engine=engine)
    assert "".join(engine.pulled) == SECOND + "\n\ndef"
    assert engine.closed == 1


async def test_what_is_shown_on_the_way_is_a_beginning_of_the_best_suggestion():
    for place, said in ((BODY, SECOND), ("def f(x):|", SECOND), (LOOP, "    return t\n"), (GAP, "    y *= 2\n")):
        heard: list[str] = []
        document, offset = marked(place)
        found = await complete(Request(document, offset, ROW), RecordedEngine(answer(said)), heard.append)
        assert found.suggestions[0].text.startswith("".join(heard))


async def test_the_same_comes_from_an_engine_in_its_own_process():
    scripts = (Script((" y * 2\n",), when="    z ="), answer("    y += 2\n"))
    text = "def f(y):\n    y += 1\n    |\n    return z\n"
    engine = EngineProcess(ScriptedSpec(scripts))
    document, offset = marked(text)
    try:
        found = await complete(Request(document, offset, ROW), engine)
    finally:
        await engine.close()
    assert found.suggestions == (await outcome(text, *scripts)).suggestions
    assert found.suggestions[0].text == "z = y * 2"


PLACES = (BODY, "def f(x):|", GAP, LOOP, "x = |\n", "# a | b\n", "int f(int x)|", "|", "def f(x):\n    return max(|)\n")


@pytest.mark.parametrize("row", registry.load(), ids=lambda row: row.name)
@pytest.mark.parametrize("place", PLACES, ids=repr)
async def test_every_model_serves_every_place(row: registry.Model, place: str):
    document, offset = marked(place, "cpp" if place.startswith("int") else "python")
    found = await complete(Request(document, offset, row), RecordedEngine(answer("    return x\n")))
    assert bool(found.suggestions) != bool(found.reason)
    assert found.trace.prompt is not None


WISH = "x = 1\n\n# function twice{}\n\ny = 2\n"
TWICE = "def twice(x):\n    return 2 * x"


async def test_the_line_below_a_comment_gets_what_it_asks_for():
    await check(WISH.format("\n|"), TWICE + "\n\n\ntwice(2)\n", WISH.format("\n" + TWICE))
    text = "class A:\n    # def twice(self): of it\n{}\n"
    inserted = text.format("    def twice(self):\n        return 2")
    await check(text.format("    |"), "        return 2\n", inserted)
    await check(text.format("|"), "        return 2\n", inserted)


async def test_a_comments_end_is_where_code_is_asked_for_and_not_where_it_is_typed():
    await check(WISH.format("|"), TWICE, WISH.format("\n" + TWICE))
    await check(WISH.format("|"), " the number\n", WISH.format(" the number"), patient=False)


async def test_below_a_comment_that_asks_for_nothing_all_is_as_without_it():
    await check("# -------\n|\n", "x = 1\ny = 2\n", "# -------\nx = 1\n")


async def test_what_a_definition_needs_is_imported_above_it():
    said = "def words(text):\n    return re.findall('a', text)\n"
    await check("# function words\n|\n", said, "# function words\nimport re\n\n\n" + said)


async def test_while_somebody_types_statements_below_a_comment_do_not_wait_for_a_chat():
    text = "def f(xs):\n    # add them all up\n    |\n    return t\n"
    engine = RecordedEngine(answer("    t = 0\n    for x in xs:\n        t += x\n\n    t += 1\n"), ranks=False)
    found = await outcome(text, engine=engine, patient=False)
    assert found.suggestions[0].text == "t = 0\n    for x in xs:\n        t += x"
    assert engine.streamed
    assert not any(CHAT in prompt for prompt in engine.streamed + engine.branched)


async def test_who_asks_for_them_gets_what_is_known_to_be_right():
    text = "def f(xs):\n    # add them all up\n    |\n    return t\n"
    found = await outcome(text, answer("    s = sum(xs)\n", when=CHAT), answer("    t = sum(xs)\n"))
    assert found.suggestions[0].text == "t = sum(xs)"


async def test_statements_that_only_come_with_what_follows_are_not_shown():
    text = "def f(xs):\n    t = 0\n    for x in xs:\n        # skip none\n        |\n        t += x\n    return t\n"
    await check_nothing(text, "        if x is not None:\n            t += x\n", "the line that follows already")


async def test_what_is_heard_of_a_wish_is_what_is_inserted():
    document, offset = marked("# def twice(x): of it|\n")
    heard: list[str] = []
    engine = RecordedEngine(answer("    y = x\n    return 2 * y\n"))
    found = await complete(Request(document, offset, ROW), engine, heard.append)
    assert heard
    assert found.suggestions[0].text.startswith("".join(heard))
    assert heard[0].startswith("\ndef twice(x):")
