"""A headless Chromium, driven by the DevTools protocol over one connection: keys, clicks, screens, and its complaints."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

_PATIENCE_SECONDS = 60
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
    "--disable-extensions", "--disable-sync", "--disable-background-networking", "--disable-component-update",
    "--disable-default-apps", "--disable-features=Translate,OptimizationHints,MediaRouter", "--password-store=basic",
    "--use-mock-keychain", "--remote-debugging-port=0",
)  # fmt: skip
_KEYS = {"Tab": ("Tab", 9, ""), "Enter": ("Enter", 13, "\r"), "Space": ("Space", 32, " ")}
_PLACE = """(() => {
  const found = document.querySelector(SELECTOR);
  found.scrollIntoView({block: "center"});
  const box = found.getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2];
})()"""
_COMPLAINTS = {"Runtime.exceptionThrown", "Log.entryAdded", "Audits.issueAdded", "Runtime.consoleAPICalled"}


def find_chromium() -> str | None:
    """Where it is on this machine."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


@dataclass
class Tab:
    """One page of the browser."""

    connection: ClientConnection
    session: str = ""
    events: deque[dict[str, Any]] = field(default_factory=deque)
    complaints: list[str] = field(default_factory=list)
    _number: int = 0

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Does something, and answers what came of it; what happens meanwhile is kept."""
        self._number += 1
        told = {"id": self._number, "method": method, "params": params}
        self.connection.send(json.dumps(told | ({"sessionId": self.session} if self.session else {})))
        while True:
            heard = self._hear()
            if heard.get("id") == self._number:
                assert "error" not in heard, (method, heard["error"])
                result: dict[str, Any] = heard["result"]
                return result

    def wait_for(self, name: str) -> dict[str, Any]:
        """The next event of that name since the last action."""
        while True:
            event = self.events.popleft() if self.events else self._hear()
            if event.get("method") == name:
                params: dict[str, Any] = event["params"]
                return params

    def arrive(self) -> None:
        """Waits until the next page is there and has been drawn: only then a field has the focus that it asks for."""
        self.wait_for("Page.loadEventFired")
        self.run("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")

    def open(self, address: str) -> None:
        """Goes to an address, and waits until the page is there."""
        self.events.clear()
        told = self.call("Page.navigate", url=address)
        assert "errorText" not in told, told
        self.arrive()

    def press(self, key: str, *, leads_on: bool = False) -> None:
        """Presses a key; where that leads to another page, waits for it."""
        self.events.clear()
        code, number, text = _KEYS[key]
        told = {"key": text if key == "Space" else key, "code": code, "windowsVirtualKeyCode": number}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **told)
        self.call("Input.dispatchKeyEvent", type="keyUp", **told)
        if leads_on:
            self.arrive()

    def write(self, text: str) -> None:
        """Types where the focus is."""
        self.call("Input.insertText", text=text)

    def click(self, selector: str) -> None:
        """Clicks on what a selector finds, where it can be seen, and waits for the page that it leads to."""
        place = self.run(_PLACE.replace("SELECTOR", json.dumps(selector)))
        self.events.clear()
        told = {"x": place[0], "y": place[1], "button": "left", "clickCount": 1}
        self.call("Input.dispatchMouseEvent", type="mousePressed", **told)
        self.call("Input.dispatchMouseEvent", type="mouseReleased", **told)
        self.arrive()

    def fill(self, selector: str, text: str) -> None:
        """Types into a field."""
        self.run(f"document.querySelector({json.dumps(selector)}).select()")
        self.write(text)

    def run(self, expression: str) -> Any:
        """The value of an expression in the page, awaited."""
        told = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def show(self, width: int, height: int, scheme: str) -> None:
        """The size of the screen, and whether it is light or dark."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        liked = {"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"}
        self.call("Emulation.setEmulatedMedia", features=[{"name": name, "value": value} for name, value in liked.items()])

    def picture(self, file: Path) -> None:
        """Saves how the whole page looks."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        told = self.call("Page.captureScreenshot", captureBeyondViewport=True, clip={**size, "scale": 1})
        file.write_bytes(base64.b64decode(told["data"]))

    def _hear(self) -> dict[str, Any]:
        heard: dict[str, Any] = json.loads(self.connection.recv(timeout=_PATIENCE_SECONDS))
        if heard.get("method") in _COMPLAINTS:
            self.complaints += _complaint(heard["method"], heard["params"])
        elif "method" in heard:
            self.events.append(heard)
        return heard


def _complaint(name: str, params: dict[str, Any]) -> list[str]:
    """What of it is a complaint."""
    entry = params.get("entry", {})
    if name == "Log.entryAdded" and entry.get("level") in {"info", "verbose"}:
        return []
    if name == "Runtime.consoleAPICalled" and params["type"] not in {"error", "warning", "assert"}:
        return []
    return [f"{name}: {json.dumps(entry or params, ensure_ascii=False)}"]


@contextmanager
def open_tab(program: str, folder: Path, language: str) -> Iterator[Tab]:
    """A browser of its own with one page; ended with the block."""
    told = [program, *_FLAGS, f"--user-data-dir={folder}", f"--lang={language}", f"--accept-lang={language}", "about:blank"]
    with (folder.parent / "chromium.log").open("wb") as log, subprocess.Popen(told, stdout=log, stderr=log) as process:
        try:
            with connect(_address(process, folder / "DevToolsActivePort"), max_size=None, compression=None) as connection:
                yield _attach(Tab(connection))
                _close(connection)
        finally:
            process.terminate()
            process.wait(_PATIENCE_SECONDS)


def _attach(tab: Tab) -> Tab:
    pages = [item for item in tab.call("Target.getTargets")["targetInfos"] if item["type"] == "page"]
    tab.session = tab.call("Target.attachToTarget", targetId=pages[0]["targetId"], flatten=True)["sessionId"]
    for domain in ("Page", "Runtime", "Log", "Audits"):
        tab.call(f"{domain}.enable")
    tab.call("Emulation.setFocusEmulationEnabled", enabled=True)
    return tab


def _close(connection: ClientConnection) -> None:
    try:
        connection.send(json.dumps({"id": 0, "method": "Browser.close"}))
        while True:
            connection.recv(timeout=_PATIENCE_SECONDS)
    except (ConnectionClosed, TimeoutError):
        return


def _address(process: subprocess.Popen[bytes], file: Path) -> str:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        if len(lines) == 2:
            return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
        time.sleep(0.05)
    raise RuntimeError(f"Chromium did not come up: {os.fspath(file)}")
