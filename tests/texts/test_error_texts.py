"""Every error has a text in both languages, and every placeholder of the text is given where the error is made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import Formatter

import pytest

from core.texts import catalogue
from tests.support.raised import Raised, find_raised

RAISED = find_raised("core", "api")
CHINESE = re.compile(r"[\u3400-\u9fff]")


def places(found: list[Raised]) -> list[str]:
    return [item.place for item in found]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def both(code: str) -> Iterator[str]:
    text = catalogue()[code]
    yield text.zh
    yield text.en


def test_there_is_something_to_look_at():
    codes = {item.code for item in RAISED}
    assert {"cases.step-out-of-order", "deadlines.term-not-set", "law.before-first-version", "cases.unknown"} <= codes
    assert "calendar.day-twice" in codes, "a code that is passed on as a variable is found too"


def test_every_code_can_be_seen():
    unseen = [item.place for item in RAISED if item.code is None]
    assert not unseen, f"write the code of the error as a plain text at {unseen}"


@pytest.mark.parametrize("code", sorted({item.code for item in RAISED if item.code}))
def test_the_error_has_a_text_in_both_languages(code):
    assert code in catalogue(), f"no text for {code}, raised at {[item.place for item in RAISED if item.code == code]}"
    text = catalogue()[code]
    names = {f"{{{name}}}" for name in placeholders(text.zh)}
    if "{zh}" not in names:
        assert CHINESE.search(text.zh), f"{code}: the Chinese text holds no Chinese"
    assert not CHINESE.search(text.en), f"{code}: the English text holds Chinese"


SEEN = [item for item in RAISED if item.code and item.parameters is not None]


@pytest.mark.parametrize("item", SEEN, ids=lambda item: item.place)
def test_the_placeholders_of_the_text_are_given(item):
    if item.code not in catalogue():
        pytest.skip("has no text, which the test above tells")
    for text in both(item.code):
        assert placeholders(text) <= item.parameters, f"{item.code} at {item.place}"
