"""A text of another form than is asked for: told in words or by a pattern that can be read, with the field it stands in."""

from __future__ import annotations

import json
from typing import Annotated

import httpx
import msgspec
import pytest
from msgspec import Meta, Struct

from api.faults import explain_fault
from core.tenants.names import Name, Prose, UnitCode
from core.texts import render

UNITS = "/t/ankang/v1/units"
GOOD = {"code": "hall-9", "name": "九号窗口", "valid_from": "2026-03-02", "basis": "市编办发〔2026〕12号"}
Quoted = Annotated[str, Meta(pattern=r"^'\"[a-z]{1,3}$(?!\n)")]


class Sheet(Struct):
    """Texts of several forms."""

    name: Name = "n"
    code: UnitCode = "c"
    basis: Prose = "b"
    by_code: dict[UnitCode, int] = {}
    quoted: tuple[Quoted, ...] = ()


@pytest.mark.parametrize(
    ("sheet", "field", "told"),
    [
        ({"name": "九\u200b号"}, "/name", "zero-width characters"),
        ({"name": " x"}, "/name", "No blanks at its ends"),
        ({"basis": " \n"}, "/basis", "something that can be seen"),
        ({"code": "a b"}, "/code", r"`^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$`"),
        ({"by_code": {"a b": 1}}, "/by_code", r"`^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$`"),
        ({"quoted": ["'\"a", "'\"a\n"]}, "/quoted/1", r"`^'\"[a-z]{1,3}$`"),
    ],
)
def test_the_form_that_is_asked_for_can_be_read(sheet: dict[str, object], field: str, told: str) -> None:
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.json.decode(json.dumps(sheet), type=Sheet)
    fault = explain_fault(raised.value)
    text = render(fault.code, fault.params, "en")
    assert fault.field == field
    assert told in text
    assert "(?!" not in text
    assert "\\u" not in text


@pytest.mark.parametrize(("language", "told"), [("zh", "首尾不得有空白"), ("en", "No blanks at its ends")])
async def test_it_is_told_in_the_readers_language(api: httpx.AsyncClient, language: str, told: str) -> None:
    headers = {"idempotency-key": f"form-{language}", "accept-language": language}
    answer = await api.post(UNITS, json=GOOD | {"name": "九号 "}, headers=headers)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (400, "api.field-plain", "/name")
    assert told in answer.json()["detail"]
