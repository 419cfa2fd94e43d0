"""A browser that needs no screen: opens a tenant's pages, keeps their cookies and sends the forms that stand on them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

import httpx

_TIMEOUT_SECONDS = 30


class Unexpected(RuntimeError):
    """A page that is another than the one that should come; tells what stands on it."""


@dataclass(slots=True)
class _Form:
    action: str
    values: dict[str, str] = field(default_factory=dict)


class _Page(HTMLParser):
    """The forms of a page, with what is filled in already, and the words on it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(_Form(told.get("action", "")))
        elif tag == "input" and self.forms:
            self.forms[-1].values[told.get("name", "")] = told.get("value", "")

    def handle_data(self, data: str) -> None:
        self.words += data.split()


class Browser:
    """One person's browser, which stands at a page of one tenant or was sent away from them all."""

    def __init__(self, http: httpx.Client, issuer: str) -> None:
        self._http, self._issuer = http, issuer
        self._answer = httpx.Response(httpx.codes.NO_CONTENT)

    @classmethod
    @contextmanager
    def fresh(cls, issuer: str) -> Iterator[Browser]:
        """One without a cookie, for the pages of an issuer."""
        with httpx.Client(timeout=_TIMEOUT_SECONDS) as http:
            yield cls(http, issuer)

    def open(self, address: str) -> None:
        """Goes to an address, and on to where that leads; raises :class:`Unexpected` for an error."""
        self._go(self._http.get(address))

    def send(self, path: str, **filled: str) -> None:
        """Sends the form that goes to a path below the issuer, filled in, and goes on to where that leads.

        Raises :class:`Unexpected` where the page has no such form, and for an error.
        """
        page = _Page(self._answer.text)
        wanted = urlsplit(self._issuer + path).path
        form = next((item for item in page.forms if urlsplit(item.action).path == wanted), None)
        if form is None:
            raise Unexpected(f"no form for {path} on this page: {' '.join(page.words)}")
        self._go(self._http.post(str(self._answer.url.join(form.action)), data=form.values | filled))

    def told(self, address: str) -> dict[str, str]:
        """What the address says that the tenant's pages sent the browser to; raises :class:`Unexpected` for another one."""
        location = self._answer.headers.get("location", str(self._answer.url))
        if location.partition("?")[0] != address:
            raise Unexpected(f"not sent to {address}: {' '.join(_Page(self._answer.text).words)}")
        return dict(parse_qsl(urlsplit(location).query))

    def _go(self, answer: httpx.Response) -> None:
        while answer.next_request is not None and str(answer.next_request.url).startswith(f"{self._issuer}/"):
            answer = self._http.send(answer.next_request)
        if answer.is_error:
            raise Unexpected(f"{answer.status_code} of {answer.url.path}: {' '.join(_Page(answer.text).words)}")
        self._answer = answer
