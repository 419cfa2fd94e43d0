"""Conditions of a city's data over facts: a table."""

from __future__ import annotations

import pytest

from core.cases.conditions import as_text, describe, holds

FACTS = {"track": "joint", "complex": True, "urgent": False, "count": 5, "none": None}
FACTS |= {"grounds": ["a#1", "a#2"], "empty": []}

HOLDS = [
    ("nothing asked", {}, True),
    ("one value", {"track": "joint"}, True),
    ("another value", {"track": "plain"}, False),
    ("one of several values", {"track": ["plain", "joint"]}, True),
    ("none of several values", {"track": ["plain", "open"]}, False),
    ("yes", {"complex": "true"}, True),
    ("yes is not Python's word for it", {"complex": "True"}, False),
    ("no", {"urgent": "false"}, True),
    ("no is not nothing", {"urgent": ""}, False),
    ("a figure", {"count": "5"}, True),
    ("a list that has the value", {"grounds": "a#2"}, True),
    ("a list that has one of the values", {"grounds": ["a#9", "a#1"]}, True),
    ("a list that has none", {"grounds": "a#3"}, False),
    ("what is not there reads as the empty text", {"missing": ""}, True),
    ("what is not there has no other value", {"missing": "x"}, False),
    ("what is null reads as the empty text", {"none": ""}, True),
    ("an empty list reads as the empty text", {"empty": ""}, True),
    ("an empty list has no other value", {"empty": "x"}, False),
    ("all must hold", {"track": "joint", "complex": "true"}, True),
    ("all, not some", {"track": "joint", "complex": "false"}, False),
]


@pytest.mark.parametrize(("name", "condition", "expected"), HOLDS, ids=[row[0] for row in HOLDS])
def test_condition(name, condition, expected):
    assert holds(condition, FACTS) is expected


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (False, "false"), (None, ""), (0, "0"), ("", ""), ("x", "x")])
def test_facts_as_conditions_write_them(value, text):
    assert as_text(value) == text


def test_a_condition_is_told_in_one_line():
    assert describe({"track": ["plain", "open"], "complex": "true"}) == "track=plain|open, complex=true"
    assert describe({}) == ""
