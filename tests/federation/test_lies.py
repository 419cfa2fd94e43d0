"""A provider, or somebody in its place, that lies: nobody is signed in, and the page says what was wrong."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwk

from core.accounts.account import Account
from core.accounts.providers import Provider
from tests.federation.conftest import register
from tests.federation.faking import KEY, OTHER_KEY, RSA, FakeProvider
from tests.federation.walking import come_back, leave, sign_in
from tests.screens.house import Browser, Office

Lie = Callable[[FakeProvider], object]
HOUR = 3_600


def claims(**told: Any) -> Lie:
    """Claims that are told instead."""
    return lambda fake: fake.claims.update(told)


def later(name: str, seconds: int) -> Lie:
    """An instant other than it should be."""
    return lambda fake: fake.claims.update({name: int(fake.clock.now().timestamp()) + seconds})


def _none(fake: FakeProvider) -> None:
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    fake.id_token = f"{head}.{fake.make_token().split('.')[1]}."


def _by_hmac(fake: FakeProvider) -> None:
    """Signed with the public key as if it were a secret."""
    secret = json.dumps(KEY.as_dict(private=False)).encode()
    fake.signs, fake.header = jwk.OctKey.import_key(secret), {"alg": "HS256"}


def _by_own_key(fake: FakeProvider) -> None:
    """Signed with a key that the header brings along."""
    fake.signs, fake.header = OTHER_KEY, {"jwk": OTHER_KEY.as_dict(private=False)}


def _twice(fake: FakeProvider) -> None:
    fake.keys = [KEY, OTHER_KEY]


def _without_id(fake: FakeProvider) -> None:
    fake.keys, fake.header = [KEY, RSA], {"kid": None}


def _set(**values: Any) -> Lie:
    return lambda fake: [setattr(fake, name, value) for name, value in values.items()]


LIES: dict[str, tuple[Lie, str]] = {
    "wrong nonce": (claims(nonce="another"), "nonce"),
    "no nonce": (claims(nonce=None), "nonce"),
    "wrong issuer": (claims(iss="https://elsewhere.example"), "iss"),
    "another's audience": (claims(aud="another"), "aud"),
    "no audience": (claims(aud=None), "aud"),
    "several audiences without azp": (claims(aud=["wenze", "another"]), "azp"),
    "another's azp": (claims(azp="another"), "azp"),
    "expired": (later("exp", -HOUR), "exp"),
    "without end": (claims(exp=None), "exp"),
    "an end that is no number": (claims(exp="tomorrow"), "exp"),
    "an end beyond all numbers": (claims(exp=1e300), "exp"),
    "of the future": (later("iat", HOUR), "iat"),
    "of long ago": (later("iat", -HOUR), "iat"),
    "not yet good": (later("nbf", HOUR), "nbf"),
    "nobody": (claims(sub=None), "sub"),
    "a number for a person": (claims(sub=7), "sub"),
    "an endless name": (claims(sub="x" * 300), "sub"),
    "alg none": (_none, "alg"),
    "HMAC with the public key": (_by_hmac, "alg"),
    "another algorithm of the same key": (_set(signs=RSA, keys=[KEY, RSA], header={"alg": "RS512", "kid": "rsa"}), "alg"),
    "another key of the same id": (_set(signs=OTHER_KEY), "signature"),
    "a key in the header": (_by_own_key, "signature"),
    "an unknown key": (_set(header={"kid": "two"}), "kid"),
    "two keys of one id": (_twice, "kid"),
    "no key id among several keys": (_without_id, "kid"),
    "no token at all": (_set(id_token="nothing"), "malformed"),
    "a header that is no object": (_set(id_token="WzFd.e30.e30"), "alg"),
    "a header that is no JSON": (_set(id_token="AAAA.e30.e30"), "malformed"),
    "an algorithm that is no name": (_set(id_token="eyJhbGciOiBbIkVTMjU2Il19.e30.e30"), "alg"),
    "not ASCII": (_set(id_token="é.é.é"), "malformed"),
}


@pytest.fixture(scope="module")
async def liar(office: Office, fake: FakeProvider, li_ming: Account) -> Provider:
    """The provider, by whose word anybody would be signed in."""
    return await register(office, "liar", fake.issuer, link_by="preferred_username")


def refused(browser: Browser, part: str) -> None:
    """Nobody was signed in, and the page says why."""
    assert browser.answer.status_code == 401, browser.answer.text
    assert f"({part})" in browser.page.text
    assert "sign-in" not in {name.partition(".")[0].removeprefix("__Secure-wenze-") for name in browser.http.cookies}


@pytest.mark.parametrize("lie", LIES)
async def test_a_token_that_is_not_sound_signs_nobody_in(
    office: Office, fake: FakeProvider, liar: Provider, lie: str
) -> None:
    tell, part = LIES[lie]
    office.clock.advance(timedelta(minutes=11))  # documents and keys are fetched anew
    fake.claims = {"preferred_username": "li.ming"}
    browser = office.browser()
    asked = await leave(browser, fake, "liar")
    tell(fake)
    refused(await come_back(browser, asked), part)


async def test_the_truth_signs_in(office: Office, fake: FakeProvider, liar: Provider) -> None:
    fake.claims = {"preferred_username": "li.ming"}
    browser = await (await sign_in(office.browser(), fake, "liar")).follow()
    assert "李明" in browser.page.text


async def test_an_answer_names_its_issuer_where_the_provider_says_that_it_does(
    office: Office, fake: FakeProvider, liar: Provider
) -> None:
    fake.claims = {"preferred_username": "li.ming"}
    mixed = await sign_in(office.browser(), fake, "liar", iss="https://elsewhere.example")
    assert (mixed.answer.status_code, "another identity provider" in mixed.page.text) == (401, True)
    right = await sign_in(office.browser(), fake, "liar", iss=fake.issuer)
    assert right.answer.status_code == 303
    office.clock.advance(timedelta(minutes=11))
    fake.document = {"authorization_response_iss_parameter_supported": True}
    assert (await sign_in(office.browser(), fake, "liar")).answer.status_code == 401
    office.clock.advance(timedelta(minutes=11))


async def test_a_refusal_is_said_and_what_it_says_is_not_believed(
    office: Office, fake: FakeProvider, liar: Provider
) -> None:
    browser = await sign_in(office.browser(), fake, "liar", code=None, error="access_denied")
    assert (browser.answer.status_code, "(access_denied)" in browser.page.text) == (403, True)
    told = "<script>alert(1)</script>" * 40
    browser = await sign_in(office.browser(), fake, "liar", code=None, error=told)
    assert "<script>" not in browser.answer.text
    assert len(browser.page.text) < 2_000
    nothing = await sign_in(office.browser(), fake, "liar", code=None)
    assert nothing.answer.status_code == 400


ANSWERS: dict[str, tuple[int, bytes, dict[str, str]]] = {
    "an error": (400, b'{"error": "invalid_grant", "error_description": "no"}', {"content-type": "application/json"}),
    "no JSON": (200, b"<html>", {"content-type": "text/html"}),
    "a list": (200, b"[]", {"content-type": "application/json"}),
    "without a token": (200, b'{"access_token": "x"}', {"content-type": "application/json"}),
    "broken": (500, b"", {}),
    "elsewhere": (302, b"", {"location": "http://127.0.0.1:1/"}),
    "endless": (200, b'{"id_token": "' + b"x" * 400_000 + b'"}', {"content-type": "application/json"}),
    "packed": (200, gzip.compress(b"{}"), {"content-type": "application/json", "content-encoding": "gzip"}),
}


@pytest.mark.parametrize("answer", ANSWERS)
async def test_a_token_endpoint_that_answers_amiss_signs_nobody_in(
    office: Office, fake: FakeProvider, liar: Provider, answer: str
) -> None:
    fake.answer = ANSWERS[answer]
    browser = await sign_in(office.browser(), fake, "liar")
    assert browser.answer.status_code in {401, 503}, browser.answer.text
    assert browser.page.heading == "This cannot go on"


DOCUMENTS: dict[str, dict[str, Any]] = {
    "another's": {"issuer": "https://elsewhere.example"},
    "without TLS": {"token_endpoint": "http://login.example.cn/token"},
    "a file": {"jwks_uri": "file:///etc/passwd"},
    "a script": {"authorization_endpoint": "javascript:alert(1)"},
    "plain challenges": {"code_challenge_methods_supported": ["plain"]},
    "no address": {"token_endpoint": 7},
}


@pytest.mark.parametrize("document", DOCUMENTS)
async def test_a_document_that_is_not_sound_leads_nobody_anywhere(
    office: Office, fake: FakeProvider, liar: Provider, document: str
) -> None:
    office.clock.advance(timedelta(minutes=11))
    fake.document = DOCUMENTS[document]
    browser = await office.browser().get("/providers/liar?then=/account")
    assert browser.answer.status_code == 503
    assert "location" not in browser.answer.headers
    office.clock.advance(timedelta(minutes=11))


async def test_keys_are_fetched_again_for_a_new_one_and_not_for_every_bogus_one(
    office: Office, fake: FakeProvider, liar: Provider
) -> None:
    office.clock.advance(timedelta(minutes=11))
    fake.claims = {"preferred_username": "li.ming"}
    assert (await sign_in(office.browser(), fake, "liar")).answer.status_code == 303
    fresh = jwk.ECKey.generate_key("P-256", {"kid": "fresh"})
    fake.keys, fake.signs, fake.header = [KEY, fresh], fresh, {"kid": "fresh"}
    fake.fetched.clear()
    refused(await sign_in(office.browser(), fake, "liar"), "kid")
    assert "/jwks" not in fake.fetched
    office.clock.advance(timedelta(seconds=31))
    assert (await sign_in(office.browser(), fake, "liar")).answer.status_code == 303
    assert fake.fetched.count("/jwks") == 1
    fake.header = {"kid": "bogus"}
    for _ in range(3):
        refused(await sign_in(office.browser(), fake, "liar"), "kid")
    assert fake.fetched.count("/jwks") == 1


async def test_an_unknown_or_disabled_provider_looks_like_none(office: Office, liar: Provider) -> None:
    for key in ("nowhere", "x" * 300, "..%2f"):
        browser = await office.browser().get(f"/providers/{key}?then=/account")
        assert browser.answer.status_code == 404, key
