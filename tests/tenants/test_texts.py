"""Every code that tenants and petitioners raise has a text in both languages, with each parameter that the code gives."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import core
from core.texts import catalogue

_SOURCES = (*(Path(core.__file__).parent / "tenants").rglob("*.py"), *(Path(core.__file__).parent / "cases").glob("*.py"))
_CODE = re.compile(r'"((?:tenants|petitioners)\.[a-z-]+)"')
CODES = sorted({code for file in _SOURCES for code in _CODE.findall(file.read_text(encoding="utf-8"))})


def test_the_codes_are_found() -> None:
    assert len(CODES) > 30


@pytest.mark.parametrize("code", CODES)
def test_each_code_has_a_text_with_the_same_parameters_in_both_languages(code: str) -> None:
    text = catalogue()[code]
    assert set(re.findall(r"\{\w+\}", text.zh)) >= set(re.findall(r"\{\w+\}", text.en)) - {"{clause}"}


def test_no_text_is_left_over() -> None:
    said = {code for code in catalogue() if code.startswith(("tenants.", "petitioners."))}
    assert said - set(CODES) - {"tenants.days-span"} == set()
