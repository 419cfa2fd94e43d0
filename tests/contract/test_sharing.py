"""Every operation of every document is asked of a city that has it, in every run."""

from __future__ import annotations

import json

from tests.contract.sharing import FOLDER, others_to_ask


def labels_of(city: str) -> set[str]:
    paths = json.loads((FOLDER / f"{city}.json").read_bytes())["paths"]
    methods = {"get", "post", "put", "patch", "delete"}
    return {f"{method.upper()} {path}" for path, item in paths.items() for method in item if method in methods}


def test_nothing_is_left_to_a_city_that_does_not_ask_it() -> None:
    cities = sorted(path.stem for path in FOLDER.glob("*.json"))
    asked = {city: labels_of(city) - others_to_ask(city) for city in cities}
    assert set().union(*asked.values()) == set().union(*map(labels_of, cities))
    shared = others_to_ask(cities[0]) | others_to_ask(cities[1])
    assert all(sum(label in labels for labels in asked.values()) == 1 for label in shared)
    assert all("/steps/" not in label or "{" in label.partition("/steps/")[2] for label in shared)
