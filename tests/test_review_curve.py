"""Hits and false alarms as any threshold would have them."""

from __future__ import annotations

from dataclasses import asdict
from xml.etree import ElementTree

from tests.benchmarks.review_curve import Item, Point, Seen, best_within, curve, picture, table


def item(buggy: list[tuple[int, float]], clean: list[float]) -> Item:
    found = tuple(Seen(line, sure, "wrong-value", "It is wrong.") for line, sure in buggy)
    return Item("one", (5,), found, tuple(Seen(9, sure, "wrong-value", "It is wrong.") for sure in clean), (1.0, 2.0))


ITEMS = [item([(5, 0.9)], [0.3]), item([(6, 0.6)], []), item([(8, 0.95)], [0.7]), item([], [])]


def test_a_hit_is_within_a_line_of_a_label_and_an_alarm_is_anything():
    points = {one.least: one for one in curve(ITEMS)}
    assert points[0.95] == Point(0.95, 0.0, 0.0)
    assert points[0.9] == Point(0.9, 0.25, 0.0)
    assert points[0.6] == Point(0.6, 0.5, 0.25)
    assert points[0.3] == Point(0.3, 0.5, 0.5)


def test_the_best_within_a_share_of_alarms_is_looked_for_among_all_thresholds():
    assert best_within(ITEMS, 0.0) == Point(0.9, 0.25, 0.0)
    assert best_within(ITEMS, 0.3).hits == 0.5
    assert best_within([], 0.1).hits == 0.0


def test_an_item_survives_being_written_down():
    assert Item.of(asdict(ITEMS[0])) == ITEMS[0]


def test_the_table_has_a_row_for_every_named_threshold():
    text = table(ITEMS, {"cautious": 0.8})
    assert "25.0%" in next(line for line in text.splitlines() if line.startswith("cautious"))
    assert "4 pairs" in text


def test_the_picture_is_svg_with_a_line_for_every_set():
    root = ElementTree.fromstring(picture({"one": ITEMS, "another": ITEMS[:2]}))
    lines = root.findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 2
    assert all(len(line.attrib["points"].split()) > 1 for line in lines)
