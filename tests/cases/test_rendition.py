"""What of a text tells who somebody is, however it is written; what is masked, what is refused, and what is left alone."""

from __future__ import annotations

import time
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cases.identity import Identity
from core.cases.rendition import check_for_newcomers, check_rendition, mask_title, propose_rendition, render
from core.cases.tells import find_tells
from core.errors import Refused
from tests.support.matters import registered
from tests.support.synthetic import synthetic_kind

WHO = Identity(
    name="欧阳惜墨",
    phone="139 1234 5678",
    id_number="11010519491231002X",
    address="莲池南大街99号",
    email="ouyang@example.cn",
)
HIDDEN = [
    ("我叫欧阳惜墨。", "我叫[姓名]。"),
    ("我叫欧阳 惜墨，", "我叫[姓名]，"),
    ("欧阳女士来电", "[姓名]来电"),
    ("电话13912345678", "电话[电话号码]"),
    ("电话１３９１２３４５６７８", "电话[电话号码]"),
    ("电话139-1234-5678转", "电话[电话号码]转"),
    ("电话+86 139 1234 5678", "电话[电话号码]"),
    ("一三九一二三四五六七八", "[电话号码]"),
    ("住莲池南大街９９号", "住[住址]"),
    ("邮箱OUYANG@Example.cn", "邮箱[电子邮箱]"),
    ("身份证11010519491231002x", "身份证[证件号]"),
    ("身份证110105 19491231 002X", "身份证[证件号]"),
]
ANYBODYS = [
    ("请回13800138000。", "请回[电话号码]。"),
    ("请回0086-138-0013-8000。", "请回[电话号码]。"),
    ("座机0312-5881234", "座机[电话号码]"),
    ("座机(0312)5881234", "座机[电话号码]"),
    ("电话：5881234", "电话：[电话号码]"),
    ("证件360702199001011234", "证件[证件号]"),
    ("证件360702900101123", "证件[证件号]"),
    ("a.b@mail.example.com来信", "[电子邮箱]来信"),
    ("卡号6222 6002 6000 1072 444", "卡号[银行卡号]"),
    ("车牌赣B12345", "车牌[车牌号]"),
    ("车牌赣B·D12345和冀F1234挂", "车牌[车牌号]和[车牌号]"),
]
LEFT_ALONE = [
    "12345热线转办",
    "办件RX2026-000123已超期",
    "2026年3月2日9时30分，共3人",
    "一三五号楼二单元三零二室",
    "补贴1380元，限额13800138元",
    "编号2026138001380001234567",
    "卡号6222600260001072445",
    "王先生反映",
]


@pytest.mark.parametrize(("told", "made"), HIDDEN + ANYBODYS)
def test_what_tells_is_masked(told: str, made: str) -> None:
    proposal = propose_rendition(told, [WHO])
    assert proposal.text == made
    assert all(told[span.start : span.end] for span in proposal.masked)


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_tells_nothing_is_left_alone(text: str) -> None:
    assert propose_rendition(text, [WHO]).text == text


@pytest.mark.parametrize("told", [told for told, _ in HIDDEN if "女士" not in told])
def test_a_persons_text_may_not_have_the_petitioners_own_values(told: str) -> None:
    with pytest.raises(Refused) as caught:
        check_rendition(told, [WHO], None)
    assert (caught.value.code, caught.value.clause, caught.value.field) == (
        "cases.rendition-tells", "wenze:house#rendition", "/rendition",
    )  # fmt: skip
    assert not [word for word in ("欧阳", "139", "1101", "莲池") if word in str(caught.value)]


@pytest.mark.parametrize(("told", "masked"), ANYBODYS)
def test_of_others_phone_and_id_numbers_are_refused_and_the_rest_is_for_people_to_judge(told: str, masked: str) -> None:
    if "[电话号码]" in masked or "[证件号]" in masked:
        with pytest.raises(Refused):
            check_rendition(told, [], None)
    else:
        check_rendition(told, [], None)


def test_a_title_may_not_tell_who_comes_later_where_units_read_it() -> None:
    kind, case = synthetic_kind(), registered().case
    for title, told in (("欧阳惜墨家门口积水", True), ("欧阳女士家门口积水", False), ("请回13800138000", False)):
        titled = msgspec.structs.replace(case, title=title, rendition="积水。", rendition_state="made")
        check_for_newcomers(titled, msgspec.structs.replace(kind, confidential=True), [WHO], "/petitioner")
        if not told:
            check_for_newcomers(titled, kind, [WHO], "/petitioner")
            continue
        with pytest.raises(Refused, match="title-tells"):
            check_for_newcomers(titled, kind, [WHO], "/petitioner")


def test_the_petitioners_address_may_be_the_place_of_the_matter() -> None:
    check_rendition("莲池南大街99号门前积水。", [WHO], "莲池南大街99号门前")
    with pytest.raises(Refused):
        check_rendition("莲池南大街99号门前积水。", [WHO], "红旗大道")


def test_a_title_keeps_its_plate_and_loses_who_brings_it() -> None:
    assert mask_title("欧阳惜墨举报赣B12345，电话13800138000", [WHO]) == "[姓名]举报赣B12345，电话[电话号码]"


def test_a_confirmed_text_is_a_persons_own_and_a_made_one_waits() -> None:
    draft = registered().case
    assert draft is not None
    made = render(synthetic_kind(), draft, None, [Identity(name="经过")])
    assert (made.rendition, made.rendition_state) == ("[姓名]", "made")
    written = render(synthetic_kind(), draft, "事由", [WHO])
    assert (written.rendition, written.rendition_state, written.narrative) == ("事由", "confirmed", draft.narrative)


PIECES = st.lists(
    st.sampled_from([*(told for told, _ in HIDDEN + ANYBODYS), *LEFT_ALONE, "。", "，", " ", "情况如下"]), max_size=8
)


@settings(deadline=None)
@given(PIECES)
def test_no_value_survives_wherever_it_stands(pieces: list[str]) -> None:
    text = "\n\n".join(pieces)
    spans = find_tells(text, [WHO])
    assert all(first.end <= second.start for first, second in pairwise(spans))
    made = propose_rendition(text, [WHO]).text
    assert find_tells(made, [WHO]) == ()
    check_rendition(made, [WHO], None)


@pytest.mark.parametrize("evil", ["1 ", "13", "a.", "A@", "0-", "电话", "手机    ", "一", "欧阳 ", "６ ", "赣B", "6222 "])
def test_no_text_takes_long(evil: str) -> None:
    text = (evil * 20_000)[:20_000]
    begun = time.process_time()  # of this process alone, however busy the machine is
    propose_rendition(text, [WHO])
    assert time.process_time() - begun < 2
