"""Grams: what of a text is found, by which words, and that their numbers are the tenant's own."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.search.grams import find_grams, fold, read_word
from core.search.keyed import number_grams
from core.store.envelope import CannotOpen, MasterKey, TenantKeys

MASTER = MasterKey(bytes(range(32)))
_LETTERS = st.text(alphabet="路人行道塌陷解放一〇々ｆＦa9０1 ，。-\n", max_size=30)


def keys_of(tenant: int) -> TenantKeys:
    """The keys of a new tenant."""
    row = MASTER.new_tenant_key(tenant)
    return TenantKeys({row.kid: MASTER.open_tenant_key(tenant, row)})


@pytest.mark.parametrize(
    ("text", "grams"),
    [
        ("人行道塌陷", {"人行", "行道", "道塌", "塌陷"}),
        ("路", {"路"}),
        ("路，灯", {"路", "灯"}),
        ("RX2026-000123", {"rx2026", "rx", "2026", "000123", "123"}),
        ("５号楼", {"5", "号楼"}),
        ("赣B12345", {"赣", "b12345", "b", "12345"}),
        ("000", {"000", "0"}),
        ("……！", set()),
    ],
)
def test_the_grams_of_a_text(text: str, grams: set[str]) -> None:
    assert find_grams(text) == grams


@pytest.mark.parametrize(
    ("word", "grams", "exact"),
    [
        ("塌陷", ("塌陷",), True),
        ("人行道", ("人行", "行道"), False),
        ("路5号", ("5",), False),
        ("RX2026-000123", ("rx2026", "000123"), False),
        ("ＲＸ２０２６", ("rx2026",), True),
        ("路", (), False),
        ("。", (), False),
    ],
)
def test_the_grams_of_a_word(word: str, grams: tuple[str, ...], exact: bool) -> None:
    found = read_word(word)
    assert (found.grams, found.exact) == (grams, exact)


@given(before=_LETTERS, word=_LETTERS, after=_LETTERS)
def test_a_text_has_the_grams_of_its_ideographs(before: str, word: str, after: str) -> None:
    """Nothing that stands in a text is missed but a piece of a number or of a word of letters."""
    joined = find_grams(f"{before}{word}{after}")
    assert {gram for gram in read_word(word).grams if len(gram) == 2 and not gram.isascii()} <= joined


@given(text=_LETTERS, word=_LETTERS)
def test_a_text_with_an_exact_words_gram_has_the_word(text: str, word: str) -> None:
    found = read_word(word)
    if found.exact and set(found.grams) <= find_grams(text):
        assert found.stands_in(fold(text))


@given(text=_LETTERS)
def test_reading_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert find_grams(fold(text)) == find_grams(text)


def test_numbers_are_the_tenants_the_purposes_and_stay() -> None:
    grams = ["塌陷", "rx2026", "a" * 15, "a" * 16, "塌" * 40, ""]
    first = keys_of(7)
    numbers = number_grams(first, "case", grams)
    assert all(0 <= number < 2**63 for number in numbers)
    assert len(set(numbers)) == len(grams)
    assert number_grams(first, "case", grams[::-1]) == numbers[::-1]
    assert not set(numbers) & set(number_grams(first, "knowledge", grams))
    assert not set(numbers) & set(number_grams(keys_of(8), "case", grams))
    newer = MASTER.new_tenant_key(7)
    rotated = TenantKeys(first.by_kid | {newer.kid: MASTER.open_tenant_key(7, newer)})
    assert number_grams(rotated, "case", grams) == numbers


def test_a_tenant_without_a_key_has_no_numbers() -> None:
    with pytest.raises(CannotOpen):
        number_grams(TenantKeys({}), "case", ["塌陷"])


def test_a_long_gram_is_not_taken_for_a_short_one() -> None:
    keys, longs = keys_of(1), [os.urandom(20).hex() for _ in range(500)]
    shorts = [os.urandom(7).hex() for _ in range(500)]
    assert len(set(number_grams(keys, "case", longs + shorts))) == 1_000
