"""Ids sort by their making, receipts cannot be guessed and can be mistyped, and logs withhold people and secrets."""

from __future__ import annotations

import json
import logging
import re
import time
from uuid import RFC_4122

import pytest
import structlog

from core.ids import RECEIPT_BITS, new_id, new_receipt, new_secret, receipt_hash, secret_hash
from core.logs import configure, logger, withhold


def test_ids_are_version_7_and_in_order() -> None:
    made = [new_id() for _ in range(2_000)]
    assert {id_.version for id_ in made} == {7}
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_many_ids_do_not_run_ahead_of_the_clock() -> None:
    made = [new_id() for _ in range(20_000)]
    assert made[-1].int >> 80 <= time.time_ns() // 1_000_000, "else they would not sort with those of another process"
    assert {id_.variant for id_ in made} == {RFC_4122}


def test_a_receipt_has_bits_enough() -> None:
    made = {new_receipt() for _ in range(1_000)}
    assert len(made) == 1_000
    assert RECEIPT_BITS >= 128
    assert all(re.fullmatch(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}", receipt) for receipt in made)


def test_a_receipt_is_found_as_people_type_it() -> None:
    receipt = "7Q3K-0000-1111-ABCD-EFGH-JKMN-PQRS"
    for typed in (
        receipt.lower(),
        receipt.replace("-", ""),
        receipt.replace("-", " "),
        receipt.replace("0", "O"),
        receipt.replace("0", "o"),
        receipt.replace("1", "l"),
        receipt.replace("1", "I"),
    ):
        assert receipt_hash(typed) == receipt_hash(receipt)
    assert receipt_hash(receipt.replace("Q", "R")) != receipt_hash(receipt)
    assert len(receipt_hash("")) == 32


def test_secrets_differ_and_hashes_do_not_mix() -> None:
    assert new_secret() != new_secret()
    assert len(new_secret()) >= 43
    assert secret_hash("x") != receipt_hash("x")


@pytest.mark.parametrize("key", ["token", "receipt", "phone", "identity", "client_secret", "authorization", "narrative"])
def test_people_and_secrets_are_withheld(key: str) -> None:
    assert withhold(None, "info", {key: "张三", "tenant": "ankang"}) == {key: "[withheld]", "tenant": "ankang"}


def test_a_line_is_json_with_its_context(capsys: pytest.CaptureFixture[str]) -> None:
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        configure("json", "INFO")
        with structlog.contextvars.bound_contextvars(request_id="r-1", tenant="ankang"):
            logger("test").info("case.registered", case="c", phone="13800000000")
            logging.getLogger("library").warning("a %s", "line")
            logging.getLogger("authlib").info("token abc")
        lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    finally:
        logging.getLogger().handlers[:] = handlers
        logging.getLogger().setLevel(level)
        structlog.reset_defaults()
    assert [line["event"] for line in lines] == ["case.registered", "a line"]
    assert {(line["request_id"], line["tenant"]) for line in lines} == {("r-1", "ankang")}
    assert lines[0]["phone"] == "[withheld]"
    assert lines[0]["level"] == "info"
    assert lines[0]["timestamp"].endswith("Z")
