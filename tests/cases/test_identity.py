"""Who a petitioner is: what names somebody, which id numbers exist, and how a phone is looked up."""

from __future__ import annotations

import pytest

from core.cases.identity import Identity, IdKind, check_identity, is_resident_id, plain_phone
from core.errors import Refused


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])
def test_a_number_with_its_check_character_is_one(number: str) -> None:
    assert is_resident_id(number)


@pytest.mark.parametrize(
    "number",
    [
        "110105194912310021",  # another check character
        "11010519491231003X",  # another order number
        "11010519490229001X",  # 1949 had no 29 February
        "11010519491331002X",  # no thirteenth month
        "01010519491231002X",  # no such region
        "11010519491231002x",  # not in its stored form
        "1101051949123100２X",  # a digit that is not ASCII
        "110105491231002",  # the old form of 15 digits
        "",
    ],
)
def test_what_is_no_resident_id(number: str) -> None:
    assert not is_resident_id(number)


def test_exactly_one_check_character_fits() -> None:
    assert [check for check in "0123456789X" if is_resident_id(f"11010519491231002{check}")] == ["X"]


@pytest.mark.parametrize("identity", [Identity(name="张三"), Identity(phone="13800138000")])
def test_a_name_or_a_phone_names_somebody(identity: Identity) -> None:
    assert check_identity(identity) == identity


def test_an_address_alone_names_nobody() -> None:
    with pytest.raises(Refused) as caught:
        check_identity(Identity(address="大厅路1号", email="a@example.cn"))
    assert (caught.value.code, caught.value.field) == ("petitioners.nobody-named", "/petitioner")


def test_a_wrong_resident_id_is_refused_by_its_field() -> None:
    with pytest.raises(Refused) as caught:
        check_identity(Identity(name="张三", id_number="110105194912310021"))
    assert caught.value.field == "/petitioner/id_number"


def test_other_papers_have_no_check_character() -> None:
    kept = check_identity(Identity(name="Lee", id_kind=IdKind.TRAVEL_PERMIT, id_number="h12345678"))
    assert kept.id_number == "H12345678"


def test_a_small_x_is_taken_for_the_large_one() -> None:
    assert check_identity(Identity(name="张三", id_number="11010519491231002x")).id_number == "11010519491231002X"


def test_names_are_kept_composed() -> None:
    assert check_identity(Identity(name="Zoe\u0301")).name == "Zo\u00e9"


@pytest.mark.parametrize("phone", ["13800138000", "138 0013 8000", "+86 138-0013-8000", "008613800138000"])
def test_one_phone_is_one_however_it_is_written(phone: str) -> None:
    assert plain_phone(phone) == "13800138000"


def test_a_short_number_that_begins_like_the_country_code_stays() -> None:
    assert plain_phone("8612345") == "8612345"
