"""Addresses, keys and what goes together: tables of what may be registered and what may not, without a service."""

from __future__ import annotations

import pytest

from core.errors import Invalid, Refused
from core.tenants.client import AuthMethod, GrantType
from core.tenants.client_checks import ClientFacts, check_client
from core.tenants.redirects import check_origin, check_redirect_uri, check_web_address, is_redirect_of
from core.tenants.scopes import Scope

GOOD_REDIRECTS = [
    "https://app.example.cn/back",
    "https://app.example.cn:8443/back?to=x",
    "https://app.example.cn",
    "https://10.1.2.3x.example/back",
    "http://127.0.0.1/back",
    "http://127.0.0.1:4711/back",
    "http://[::1]/back",
    "cn.gov.example.app:/back",
]
BAD_REDIRECTS = [
    "", "/back", "back", "//app.example.cn/back", "app.example.cn/back", "https:///back", "https://", "https:app.example.cn",
    "https://app.example.cn/back#part", "https://app.example.cn/back#", "https://*.example.cn/back",
    "https://app.example.cn/*", "https://user@app.example.cn/back", "https://user:secret@app.example.cn/",
    "https://app.example.cn\\@evil.example/back", "https://app.example.cn/a/../b", "https://app.example.cn/%2e%2E/b",
    "https://APP.example.cn/back", "HTTPS://app.example.cn/back", "https://app.example.cn:99999/", "https://app.example.cn:/",
    "https://app.example.cn:0/", "https://1.2.3.4/back", "https://[2001:db8::1]/back", "https://app..example.cn/back",
    "https://-app.example.cn/back", "https://app.example.cn%2f@evil.example/", "https://应用.example.cn/back",
    "https://app.example.cn/回", "https://app.example.cn/\u200b", "https://app.example.cn/ x", "https://app.example.cn/\n",
    "https://app.example.cn/\x00", "https://app.example.cn/<script>", "https://" + "a" * 500,
    "http://app.example.cn/back", "http://localhost/back", "http://127.0.0.1.evil.example/back", "http://10.0.0.1/back",
    "http://0x7f000001/back", "http://[::ffff:127.0.0.1]x/back",
    "javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "blob:https://app.example.cn/x",
    "about:blank", "app:/back", "myapp://back", "cn.gov.app://back", "cn.gov.app:back", "ftp://app.example.cn/back",
]  # fmt: skip


@pytest.mark.parametrize("uri", GOOD_REDIRECTS)
def test_a_sound_redirect_is_kept_as_it_stands(uri: str) -> None:
    assert check_redirect_uri(uri, "/redirect_uris/0") == uri


@pytest.mark.parametrize("uri", BAD_REDIRECTS, ids=range(len(BAD_REDIRECTS)))
def test_a_hostile_redirect_is_refused(uri: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_redirect_uri(uri, "/redirect_uris/0")
    assert (caught.value.field, caught.value.code.partition("-")[0]) == ("/redirect_uris/0", "clients.redirect")


@pytest.mark.parametrize("origin", ["https://a.example.cn", "https://a.example.cn:8443", "http://127.0.0.1:5173"])
def test_a_sound_origin_is_kept(origin: str) -> None:
    assert check_origin(origin, "/origins/0") == origin


@pytest.mark.parametrize(
    "origin",
    [
        "*", "null", "", "https://*.example.cn", "https://a.example.cn/", "https://a.example.cn:443", "http://a.example.cn",
        "http://127.0.0.1:80", "https://A.example.cn", "https://u@a.example.cn", "https://a.example.cn?x", "a.example.cn",
        "https://a.example.cn/x", "https://a.example.cn#", "http://localhost:5173", "cn.gov.app:/",
    ],
)  # fmt: skip
def test_what_no_browser_sends_is_no_origin(origin: str) -> None:
    with pytest.raises(Invalid, match=r"clients\.origin-malformed"):
        check_origin(origin, "/origins/0")


@pytest.mark.parametrize("uri", ["http://a.example.cn/", "javascript:alert(1)", "https://u@a.example.cn/", "x", "cn.gov:/x"])
def test_a_home_page_is_on_the_web(uri: str) -> None:
    assert check_web_address("https://a.example.cn/x#y", "/uri")
    with pytest.raises(Invalid, match=r"clients\.address-malformed"):
        check_web_address(uri, "/uri")


@pytest.mark.parametrize(
    ("registered", "told", "same"),
    [
        ("https://a.example.cn/back", "https://a.example.cn/back", True),
        ("https://a.example.cn/back", "https://a.example.cn/back/", False),
        ("https://a.example.cn/back", "https://a.example.cn/back?x", False),
        ("https://a.example.cn/back", "https://a.example.cn:443/back", False),
        ("https://a.example.cn/back", "https://A.example.cn/back", False),
        ("https://a.example.cn/back", "https://a.example.cn/%62ack", False),
        ("http://127.0.0.1/back", "http://127.0.0.1:4711/back", True),
        ("http://127.0.0.1:1/back", "http://127.0.0.1:4711/back", True),
        ("http://[::1]/back", "http://[::1]:4711/back", True),
        ("http://127.0.0.1/back", "http://127.0.0.1:4711/other", False),
        ("http://127.0.0.1/back", "http://127.0.0.2:4711/back", False),
        ("http://127.0.0.1/back", "http://[::1]:4711/back", False),
        ("http://127.0.0.1/back", "http://localhost:4711/back", False),
        ("http://127.0.0.1/back", "https://127.0.0.1:4711/back", False),
        ("http://127.0.0.1/back", "http://127.0.0.1:4711@evil.example/back", False),
        ("http://127.0.0.1/back", "http://127.0.0.1:99999/back", False),
        ("http://127.0.0.1/back", "http://127.0.0.1:4711/back#", False),
        ("http://127.0.0.1/back", "http://127.0.0.1:4711/back?", False),
        ("http://127.0.0.1/back?x", "http://127.0.0.1:4711/back?x", True),
        ("cn.gov.app:/back", "cn.gov.app:/back", True),
        ("cn.gov.app:/back", "cn.gov.app:/back?x", False),
    ],
)
def test_a_redirect_is_compared_exactly_but_for_the_port_of_an_app(registered: str, told: str, same: bool) -> None:
    assert is_redirect_of((registered,), told) is same


CODE, REFRESH, MACHINE = GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN, GrantType.CLIENT_CREDENTIALS
BACK = ("https://a.example.cn/back",)
READ = frozenset({Scope.CASES_READ})


@pytest.mark.parametrize(
    ("method", "grants", "more", "code"),
    [
        (AuthMethod.NONE, {CODE, REFRESH}, {"redirect_uris": BACK}, None),
        (AuthMethod.SECRET_BASIC, {CODE}, {"redirect_uris": BACK, "scopes": frozenset()}, None),
        (AuthMethod.NONE, {GrantType.DEVICE_CODE, REFRESH}, {}, None),
        (AuthMethod.SECRET_BASIC, {MACHINE}, {}, None),
        (AuthMethod.NONE, {MACHINE}, {}, "clients.public-for-itself"),
        (AuthMethod.SECRET_BASIC, {REFRESH}, {}, "clients.refresh-alone"),
        (AuthMethod.SECRET_BASIC, {MACHINE, REFRESH}, {}, "clients.refresh-alone"),
        (AuthMethod.NONE, {CODE}, {}, "clients.redirect-needed"),
        (AuthMethod.SECRET_BASIC, {MACHINE}, {"redirect_uris": BACK}, "clients.redirect-unused"),
        (AuthMethod.SECRET_BASIC, {MACHINE}, {"origins": ("https://a.example.cn",)}, "clients.origin-unused"),
        (AuthMethod.PRIVATE_KEY, {MACHINE}, {}, "clients.keys-needed"),
        (AuthMethod.SECRET_BASIC, {MACHINE}, {"scopes": frozenset()}, "clients.scope-needed"),
        (AuthMethod.NONE, {CODE}, {"redirect_uris": BACK, "roles": ("auditor",)}, "clients.roles-unused"),
    ],
)
def test_a_client_has_what_its_grants_need_and_no_more(
    method: AuthMethod, grants: set[GrantType], more: dict[str, object], code: str | None
) -> None:
    facts = ClientFacts(method, frozenset(grants), **({"scopes": READ} | more))  # type: ignore[arg-type]
    if code is None:
        assert check_client(facts) == ()
        return
    with pytest.raises(Refused) as caught:
        check_client(facts)
    assert caught.value.code == code
