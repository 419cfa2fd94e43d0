"""Sealed values open for whom, what and with what they were sealed, and for nothing else (design, decision 10)."""

from __future__ import annotations

from uuid import UUID

import pytest

from core.store.envelope import ALG, CannotOpen, Cipher, MasterKey, TenantKeys, Wrapped

MASTER = MasterKey(bytes(range(32)))
OWNER, SOMEBODY = UUID(int=1), UUID(int=2)


def keys_of(tenant: int, *rows: Wrapped) -> TenantKeys:
    return TenantKeys({row.kid: MASTER.open_tenant_key(tenant, row) for row in rows})


def test_what_is_sealed_opens() -> None:
    keys = keys_of(1, MASTER.new_tenant_key(1))
    assert keys.open(keys.seal("身份".encode(), "identity"), "identity").decode() == "身份"
    assert keys.open(keys.seal(b"", "identity"), "identity") == b""


def test_sealing_twice_gives_two_values() -> None:
    keys = keys_of(1, MASTER.new_tenant_key(1))
    assert keys.seal(b"same", "x") != keys.seal(b"same", "x")


def test_a_sealed_value_is_bound_to_its_purpose_and_tenant() -> None:
    row = MASTER.new_tenant_key(1)
    sealed = keys_of(1, row).seal(b"x", "replay")
    with pytest.raises(CannotOpen):
        keys_of(1, row).open(sealed, "identity")
    with pytest.raises(CannotOpen):
        MASTER.open_tenant_key(2, row)


@pytest.mark.parametrize("place", [-1, -17, 40])
def test_a_changed_bit_is_noticed(place: int) -> None:
    keys = keys_of(1, MASTER.new_tenant_key(1))
    sealed = bytearray(keys.seal(b"a secret of some length", "x"))
    sealed[place] ^= 1
    with pytest.raises(CannotOpen):
        keys.open(bytes(sealed), "x")


@pytest.mark.parametrize("alg", ["A128GCM", "none", "", "SM4GCM"])
def test_an_unknown_algorithm_is_refused(alg: str) -> None:
    row = MASTER.new_tenant_key(1)
    with pytest.raises(CannotOpen, match="algorithm"):
        MASTER.open_tenant_key(1, Wrapped(row.kid, alg, row.wrapped))
    keys = keys_of(1, row)
    sealed = keys.seal(b"x", "p")
    with pytest.raises(CannotOpen):
        keys.open(alg.encode() + sealed[len(ALG) :], "p")
    _, wrapped = keys.current.new_data_key(OWNER)
    with pytest.raises(CannotOpen, match="algorithm"):
        keys.current.open_data_key(OWNER, Wrapped(wrapped.kid, alg, wrapped.wrapped))


@pytest.mark.parametrize("broken", [b"", b"A256GCM", b"A256GCM.", b"A256GCM.t-x", b"A256GCM.t-x.", b"\xff.\xff.x", b"..."])
def test_what_is_no_sealed_value_is_refused(broken: bytes) -> None:
    with pytest.raises(CannotOpen):
        keys_of(1, MASTER.new_tenant_key(1)).open(broken, "p")


def test_another_master_key_opens_nothing() -> None:
    with pytest.raises(CannotOpen):
        MasterKey(bytes(32)).open_tenant_key(1, MASTER.new_tenant_key(1))
    assert MasterKey(bytes(32)).kid != MASTER.kid == MasterKey(bytes(range(32))).kid


def test_the_newest_key_seals_and_all_of_them_open() -> None:
    old, new = MASTER.new_tenant_key(1), MASTER.new_tenant_key(1)
    before, after = keys_of(1, old), keys_of(1, old, new)
    sealed = before.seal(b"x", "p")
    assert after.open(sealed, "p") == b"x"
    assert after.current.kid == new.kid
    with pytest.raises(CannotOpen, match="no key"):
        before.open(after.seal(b"x", "p"), "p")
    assert before.hash("13800000000", "phone") == after.hash("13800000000", "phone")


def test_a_tenant_without_a_key_seals_nothing() -> None:
    for attempt in (lambda: TenantKeys({}).seal(b"x", "p"), lambda: TenantKeys({}).hash("x", "p")):
        with pytest.raises(CannotOpen):
            attempt()


def test_a_data_key_is_one_persons() -> None:
    keys = keys_of(1, MASTER.new_tenant_key(1))
    cipher, wrapped = keys.current.new_data_key(OWNER)
    sealed = cipher.seal("张三".encode(), "identity")
    assert keys.of(wrapped.kid).open_data_key(OWNER, wrapped).open(sealed, "identity").decode() == "张三"
    with pytest.raises(CannotOpen):
        keys.current.open_data_key(SOMEBODY, wrapped)
    other, _ = keys.current.new_data_key(OWNER)
    with pytest.raises(CannotOpen):
        other.open(sealed, "identity")


def test_keyed_hashes_differ_by_tenant_and_purpose_and_not_by_time() -> None:
    one, two = keys_of(1, MASTER.new_tenant_key(1)), keys_of(2, MASTER.new_tenant_key(2))
    hashes = {one.hash("1", "phone"), one.hash("1", "id-number"), two.hash("1", "phone"), one.hash("2", "phone")}
    assert len(hashes) == 4
    assert one.hash("1", "phone") == one.hash("1", "phone")
    assert {len(value) for value in hashes} == {32}


def test_a_key_of_the_wrong_length_is_refused() -> None:
    for size in (0, 16, 31, 33):
        with pytest.raises(ValueError, match="bytes"):
            Cipher(bytes(size), "k")


def test_no_key_is_shown() -> None:
    keys = keys_of(1, MASTER.new_tenant_key(1))
    assert "TenantKey object" not in repr(keys)
