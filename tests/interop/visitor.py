"""A person at the pages of the authorization server, with a browser that runs no script: fills in forms, follows, allows."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from tests.screens.markup import Form, Page

ALLOW, DENY = ("decision", "allow"), ("decision", "deny")


@dataclass
class Visitor:
    """Somebody who can sign in, and the page that they look at."""

    http: httpx.Client
    issuer: str
    login: str
    password: str
    page: Page | None = None

    @classmethod
    def of(cls, issuer: str, login: str, password: str) -> Visitor:
        """With a fresh browser."""
        return cls(httpx.Client(headers={"accept-language": "en"}, timeout=30), issuer, login, password)

    def authorize(self, address: str, decision: tuple[str, str] = ALLOW) -> str:
        """From where a client sends somebody to where they come back to it."""
        back = self._open("GET", address)
        while back is None:
            page = self.page
            assert page is not None
            back = self._sign_in(page) if page.heading == "Sign in" else self._send(page.form("/authorize"), decision)
        return back

    def allow_device(self, address: str) -> str:
        """What the page says once the terminal is allowed whose ``verification_uri_complete`` this is."""
        assert self._open("GET", address) is None
        if self._shown.heading == "Sign in":
            self._sign_in(self._shown)
        self._send(self._shown.form("/device"))
        self._send(self._shown.form("/device"), ALLOW)
        return self._shown.heading

    @property
    def _shown(self) -> Page:
        assert self.page is not None
        return self.page

    def _sign_in(self, page: Page) -> str | None:
        form = page.form("/sign-in")
        form.values |= {"login": self.login, "password": self.password}
        return self._send(form)

    def _send(self, form: Form, button: tuple[str, str] | None = None) -> str | None:
        data = form.values | ({button[0]: button[1]} if button else {})
        return self._open("POST", str(httpx.URL(self.issuer).join(form.action)), data)

    def _open(self, method: str, address: str, data: dict[str, str] | None = None) -> str | None:
        """Follows our own pages; answers the address where they lead away from us, else keeps the page."""
        answer = self.http.request(method, address, data=data)
        while answer.status_code == 303:
            place = str(answer.url.join(answer.headers["location"]))
            if not place.startswith(f"{self.issuer}/"):
                return place
            answer = self.http.get(place)
        assert answer.status_code == 200, (answer.status_code, answer.text)
        self.page = Page(answer.text)
        return None
