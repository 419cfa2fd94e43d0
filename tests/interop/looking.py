"""What is looked at on a page in Chromium: that it fits every screen, and that the keyboard alone gets through it.

``WENZE_SHOTS=FOLDER`` keeps a picture of each page, on a phone and on a desktop, light and dark.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.interop.chromium import Tab
from tests.interop.office import PASSWORD, Colleague

PHONE, NARROW, DESKTOP = (360, 740), (320, 640), (1280, 800)
_SHOTS = os.environ.get("WENZE_SHOTS", "")
_FOCUS = """(() => {
  const held = document.activeElement, style = getComputedStyle(held);
  return {tag: held.tagName, name: held.name ?? "", value: held.value ?? "", seen: held.getBoundingClientRect().width > 0,
    outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth)};
})()"""


def place(tab: Tab) -> str:
    """Which page of the issuer is shown."""
    return str(tab.run("location.pathname")).rpartition("/oauth")[2]


def look(tab: Tab, name: str) -> None:
    """Looks at the page on every screen: nothing sticks out, and there is one heading."""
    for width, height in (DESKTOP, NARROW, PHONE):
        for scheme in ("dark", "light"):
            tab.show(width, height, scheme)
            room = tab.run("[document.documentElement.scrollWidth, innerWidth, document.querySelectorAll('h1').length]")
            assert room == [width, width, 1], (name, room)
            if _SHOTS and width != NARROW[0]:
                Path(_SHOTS).mkdir(parents=True, exist_ok=True)
                tab.picture(Path(_SHOTS) / f"{name}-{width}-{scheme}.png")


def step(tab: Tab) -> dict[str, Any]:
    """Goes on by the keyboard, to what then has the focus, which must be seen."""
    tab.press("Tab")
    focus: dict[str, Any] = tab.run(_FOCUS)
    assert focus["seen"], focus
    assert focus["outline"] >= 2, focus
    return focus


def step_to(tab: Tab, name: str, value: str = "") -> None:
    """Goes on by the keyboard until something has the focus."""
    for _ in range(30):
        focus = step(tab)
        if focus["name"] == name and focus["value"] == value:
            return
    raise AssertionError(f"the keyboard does not lead to {name} {value}")


def sign_in(tab: Tab, colleague: Colleague) -> None:
    """From the page for signing in to where that leads, by the keyboard alone."""
    focus = tab.run(_FOCUS)
    assert focus["name"] == "login"
    assert focus["outline"] >= 2, focus
    tab.write(colleague.login)
    assert step(tab)["name"] == "password"
    tab.write(PASSWORD)
    tab.press("Enter", leads_on=True)
    if colleague.factor is not None:
        assert place(tab) == "/second-factor"
        look(tab, "second-factor")
        assert tab.run(_FOCUS)["name"] == "code"
        tab.write(colleague.factor.at(datetime.now(UTC)))
        tab.press("Enter", leads_on=True)


def expect_failure(tab: Tab, status: int) -> None:
    """The browser tells of an answer that failed, which it was to; and of nothing else."""
    complaint = tab.complaints.pop()
    assert f"status of {status}" in complaint, complaint
    assert tab.complaints == []
