"""``wenze search reindex``: older cases come into the index, as often as it is run, and another tenant's do not."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import delete

from api.cli import main
from core.store.actor import OPERATOR
from core.store.tables import TENANT, case_gram
from tests.story.house import House, Place
from tests.story.matters import register


def grams(place: Place) -> list[tuple[Any, ...]]:
    """What the index holds of the tenant."""
    return sorted((row["gram"], row["case_id"], row["scope"]) for row in place.rows("case_gram"))


def forget(place: Place) -> None:
    """Empties the index of the tenant."""

    async def clear() -> None:
        async with place.house.database.tenant(place.cast.tenant.id, actor=OPERATOR) as session:
            await session.execute(delete(case_gram).where(case_gram.c.tenant == TENANT))

    place.house.run(clear)


def reindex(house: House, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Any:
    """The command, with the service's own settings."""
    for name, value in house.service.environment.items():
        monkeypatch.setenv(name, value)
    return CliRunner().invoke(main, ["search", "reindex", *arguments])


@pytest.mark.parametrize("anew", [(), ("--anew",)])
def test_older_cases_come_into_the_index(house: House, monkeypatch: pytest.MonkeyPatch, anew: tuple[str, ...]) -> None:
    place, other = house.open("ganzhou"), house.open("ganzhou")
    matters = [register(place, "hotline-order", title=f"井盖{index}翻起") for index in range(3)]
    matters[0].live("replied")
    register(other, "hotline-order", title="井盖翻起")
    written, foreign = grams(place), grams(other)
    assert written
    forget(place)
    assert grams(place) == []
    for _ in range(2):
        done = reindex(house, monkeypatch, place.slug, *anew)
        assert (done.exit_code, done.output) == (0, "3 cases\n")
        assert grams(place) == written
    assert grams(other) == foreign
    assert len(place.read("operator", "/cases", q="翻起")["items"]) == 3


def test_an_unknown_tenant_is_said(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    done = reindex(house, monkeypatch, "nobody")
    assert done.exit_code == 1
    assert "Error" in done.output
