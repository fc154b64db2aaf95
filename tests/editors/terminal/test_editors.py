from tests.editors.terminal.conftest import Open

PYTHON = 'def add(a, b):\n    """Return the sum of a and b."""\n    re\n'


def test_a_completion_of_the_real_model_is_inserted(open_file: Open) -> None:
    editor = open_file(PYTHON)
    editor.place.until_said("is ready")
    editor.insert_at_end_of(3, "t")
    editor.complete("return a + b")
    editor.save()
    editor.place.until_holds("work/a.py", PYTHON.replace("re\n", "return a + b\n"))
