"""How many threads write an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from lsp_server.engines.pace import Pace


def chosen(pace: Pace, steps: int, seconds: Callable[[int], float]) -> Counter[int]:
    """What is chosen in so many steps, of which each takes what ``seconds`` says of its threads."""
    counts: Counter[int] = Counter()
    for _ in range(steps):
        threads = pace.threads()
        counts[threads] += 1
        pace.took(threads, seconds(threads))
    return counts


def test_the_fastest_number_is_taken_and_the_other_tried_now_and_then() -> None:
    pace = Pace(4)
    chosen(pace, 10, lambda threads: 1 / threads)
    counts = chosen(pace, 640, lambda threads: 1 / threads)
    assert counts == {4: 630, 3: 10}


def test_it_changes_when_another_program_takes_a_core_and_again_when_that_ends() -> None:
    pace = Pace(2)
    chosen(pace, 10, lambda threads: 1 / threads)
    # With a core taken the second thread is in the way.
    chosen(pace, 200, lambda threads: 1.0 if threads == 1 else 2.0)
    assert chosen(pace, 32, lambda threads: 1.0 if threads == 1 else 2.0)[1] == 30
    chosen(pace, 200, lambda threads: 1 / threads)
    assert chosen(pace, 64, lambda threads: 1 / threads)[2] == 63


def test_a_slow_step_alone_changes_nothing() -> None:
    pace = Pace(2)
    chosen(pace, 10, lambda threads: 1 / threads)
    pace.took(2, 100.0)
    assert chosen(pace, 5, lambda threads: 1 / threads) == {2: 5}


def test_where_there_is_one_thread_there_is_nothing_to_choose() -> None:
    assert chosen(Pace(1), 50, lambda threads: 1.0) == {1: 50}
