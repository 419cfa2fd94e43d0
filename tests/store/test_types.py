"""Values of columns come back as they were put in."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, insert, select

from core.store.types import json_type

VALUES = [40, -3, 0, 2**53 - 1, 0.5, "40", "0.5", "1e3", "", "文字", True, False, None, {"a": 1}, [], [40]]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_json_value_alone_in_its_column_comes_back_from_sqlite(value: Any) -> None:
    table = Table("sample", MetaData(), Column("id", Integer, primary_key=True), Column("value", json_type()))
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(insert(table), {"value": value})
        found = connection.scalar(select(table.c.value))
    engine.dispose()
    assert (found, type(found)) == (value, type(value))
