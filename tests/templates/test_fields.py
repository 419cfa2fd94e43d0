"""What a text can hold: the facts of a city's kinds and never who the petitioner is."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from core.cases.identity import Identity
from core.errors import Refused
from core.procedure import CaseKind
from core.templates.check import check_template, fill_with_titles, known_fields
from core.templates.fields import fields_of, fields_of_all
from core.templates.template import AskedField, TemplateVersion, version_on
from tests.support.cities import shipped, shipped_kinds

IDENTITY = sorted({*Identity.__struct_fields__, "petitioner", "identity", "whistleblower"})


@pytest.mark.parametrize(("city", "kind"), shipped_kinds(), ids=lambda item: getattr(item, "key", item))
def test_nothing_that_a_text_can_hold_tells_who_the_petitioner_is(city: str, kind: CaseKind) -> None:
    known = fields_of(kind)
    assert known.keys() >= {"number", "title", "state", "today"}
    for name in (*IDENTITY, "narrative", "receipt", "phone_hash"):
        assert name not in known
        assert f"fact.{name}" not in known


@pytest.mark.parametrize("name", [*IDENTITY, "petitioner.name", "petitioner.phone", "identity.address", "name.first"])
def test_a_name_that_would_tell_the_petitioner_is_refused_as_that(name: str) -> None:
    with pytest.raises(Refused) as refused:
        check_template("尊敬的${" + name + "}", (), known_fields(shipped()["ankang"], "complaint"))
    assert refused.value.code == "templates.identity"
    assert refused.value.clause == "wenze:house#privacy"


@pytest.mark.parametrize("name", ["narrative", "fact.nothing", "due.nothing", "asked.who", "petitioners", "case.number"])
def test_an_unknown_name_is_told_with_its_place_and_those_that_there_are(name: str) -> None:
    with pytest.raises(Refused) as refused:
        check_template("一\n二 ${" + name + "}", (), known_fields(shipped()["ankang"], "complaint"))
    told = refused.value.params
    assert (refused.value.code, told["line"], told["column"]) == ("templates.name-unknown", 2, 3)
    assert {"number", "due.plain-reply", "fact.grounds"} <= set(str(told["known"]).split(", "))


def test_a_template_for_every_kind_holds_what_all_of_them_have() -> None:
    kinds = list(shipped()["jincheng"].kinds.values())
    common = fields_of_all(kinds).keys()
    assert common == set.intersection(*(set(fields_of(kind)) for kind in kinds))
    only = fields_of(kinds[0]).keys() - common
    assert only
    with pytest.raises(Refused, match="name-unknown"):
        check_template("${" + min(only) + "}", (), known_fields(shipped()["jincheng"], None))


@pytest.mark.parametrize(("city", "kind"), shipped_kinds(), ids=lambda item: getattr(item, "key", item))
def test_every_name_of_every_kind_can_stand_in_a_template(city: str, kind: CaseKind) -> None:
    known = fields_of(kind)
    for some in (list(known)[at : at + 100] for at in range(0, len(known), 100)):
        parts = check_template(" ".join("${" + name + "}" for name in some), (), known)
        assert fill_with_titles(parts, (), known) == " ".join(f"〔{known[name].title.zh}〕" for name in some)


def test_what_is_asked_is_used_and_named_once() -> None:
    who, known = AskedField("who", "称谓"), known_fields(shipped()["ankang"], None)
    assert fill_with_titles(check_template("${asked.who}", (who,), known), (who,), known) == "〔称谓〕"
    with pytest.raises(Refused, match="asked-twice"):
        check_template("${asked.who}", (who, who), known)
    with pytest.raises(Refused, match="asked-unused"):
        check_template("无", (who,), known)


def version(number: int, day: date, **changes: Any) -> TemplateVersion:
    told: dict[str, Any] = {
        "number": number, "valid_from": day, "title": "t", "body": "b", "asked": (), "retired": False, "reason": "r",
        "author_id": None, "recorded_at": None,
    }  # fmt: skip
    return TemplateVersion(**told | changes)


def test_of_two_versions_from_one_day_the_later_recorded_counts_and_retirement_ends() -> None:
    days = [date(2026, month, 1) for month in (1, 2, 3, 4)]
    assert all(one < other for one, other in pairwise(days))
    versions = (version(1, days[1]), version(2, days[2], retired=True), version(3, days[1]), version(4, days[3]))
    found = [version_on(versions, day) for day in days]
    assert [item and item.number for item in found] == [None, 3, None, 4]
