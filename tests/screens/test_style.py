"""The style sheet: contrast in light and dark (WCAG 2.2, 1.4.3 and 1.4.11), and nothing from outside."""

from __future__ import annotations

import re

import pytest

from api.screens.rendering import source_of, style
from tests.screens.house import Office

SHEET = style()[0].decode()
LIGHT, DARK = (
    dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block)) for block in re.findall(r":root \{(.*?)\}", SHEET, re.DOTALL)
)
TEXT = [
    *((front, back) for front in ("ink", "quiet", "accent", "accent-held") for back in ("ground", "sheet")),
    *((name, f"{name}-ground") for name in ("fault", "caution", "done")),
    ("on-band", "band"),
    ("on-accent", "accent"),
    ("on-accent", "accent-held"),
]
EDGES = [("edge", "sheet"), ("focus", "sheet"), ("focus", "ground"), ("fault", "sheet"), ("accent", "sheet")]


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(front: str, back: str) -> float:
    bright, dim = sorted((luminance(front), luminance(back)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_what_is_read_stands_out(colours: dict[str, str]) -> None:
    dim = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in TEXT}
    assert min(dim.values()) >= 4.5, dim
    edges = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in EDGES}
    assert min(edges.values()) >= 3, edges


def test_both_schemes_have_every_colour_and_no_other_is_used() -> None:
    assert LIGHT.keys() == DARK.keys()
    used = set(re.findall(r"var\(--([a-z-]+)\)", SHEET))
    assert used == LIGHT.keys()
    bare = [line for line in SHEET.splitlines() if re.search(r"#[0-9a-f]{3,6}\b", line) and "--" not in line]
    assert not bare


def test_nothing_comes_from_outside_and_focus_is_seen() -> None:
    assert not re.search(r"@import|url\(|@font-face|expression", SHEET)
    assert ":focus-visible { outline: 3px solid" in SHEET
    assert "outline: none" not in SHEET
    assert "prefers-reduced-motion: no-preference" in SHEET


async def test_the_sheet_is_served_once_for_long_at_an_address_that_changes_with_it(office: Office) -> None:
    browser = await office.browser().get("/sign-in")
    [address] = [item.attributes["href"] for item in browser.page.all("link") if item.attributes["rel"] == "stylesheet"]
    answer = (await browser.get(address)).answer
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.content == style()[0]


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("https://desk.example.cn:8443/a?b=c", "https://desk.example.cn:8443"),
        ("http://127.0.0.1/", "http://127.0.0.1"),
        ("http://[::1]:9/", "http:"),
        ("com.example.app:/cb", "com.example.app:"),
        ("https:", "https:"),
    ],
)
def test_a_policy_calls_an_address_by_its_place(address: str, source: str) -> None:
    assert source_of(address) == source
