"""The page on which a person allows a terminal by the code that it shows (RFC 8628, section 3.3)."""

from __future__ import annotations

from api.exchange import Answer
from api.oauth.devices import DeviceRequest, decide_device, find_device
from api.screens.answers import ask_to_sign_in, page, scope_lines, text
from api.screens.authorizing import client_card, is_allowed
from api.screens.forms import read_own_form
from api.screens.onward import DEVICE, Onward
from api.screens.visits import Visit
from core.accounts.sign_ins import SignIn
from core.accounts.throttle import give_back, take_attempt, user_code_counters
from core.errors import Conflict, Limited, Refused, WenzeError

_LONGEST_CODE = 32


async def show_device(visit: Visit) -> Answer:
    """``GET …/device``: asks for the code. One in the address is filled in and no more: it is not looked up unasked."""
    code = visit.query.get("user_code", "")[:_LONGEST_CODE]
    if visit.sign_in is None:
        return ask_to_sign_in(visit, _onward(code))
    return _ask_code(visit, code)


async def answer_device(visit: Visit) -> Answer:
    """``POST …/device``: the code, and then the decision with the code once more."""
    form = await read_own_form(visit)
    code = form.get("user_code", "")[:_LONGEST_CODE]
    if visit.sign_in is None:
        return ask_to_sign_in(visit, _onward(code))
    try:
        device = await _find(visit, visit.sign_in, code)
        if "decision" not in form:
            return _ask_consent(visit, device)
        return await _decide(visit, visit.sign_in, device, approved=is_allowed(form))
    except (Limited, Refused, Conflict) as error:
        return _ask_code(visit, code, error)


async def _find(visit: Visit, sign_in: SignIn, code: str) -> DeviceRequest:
    """The terminal; guesses are counted by the account and the address before they are looked at."""
    counters = user_code_counters(sign_in.account_id, visit.browser.address)
    async with visit.writing() as session:
        await take_attempt(session, counters, visit.now)
    async with visit.writing() as session:
        device = await find_device(session, visit.snapshot, code, visit.now)
        if device is not None:
            await give_back(session, counters)
    if device is None:
        raise Refused("screens.device.unknown")
    return device


async def _decide(visit: Visit, sign_in: SignIn, device: DeviceRequest, *, approved: bool) -> Answer:
    async with visit.writing() as session:
        await decide_device(session, visit.services, device, sign_in, approved, visit.now)
    outcome = "allowed" if approved else "denied"
    return page(
        visit,
        "told.html",
        title=text(visit, f"device.{outcome}-title"),
        message=text(visit, f"device.{outcome}"),
        links=[
            (f"{visit.root}/device", text(visit, "device.another")),
            (f"{visit.root}/account", text(visit, "to-account")),
        ],
    )


def _ask_code(visit: Visit, code: str, error: WenzeError | None = None) -> Answer:
    another = visit.root + _onward(code).after_sign_in()
    query = {"user_code": code} if code else {}
    return page(visit, "device.html", error=error, query=query, user_code=code, another=another)


def _ask_consent(visit: Visit, device: DeviceRequest) -> Answer:
    return page(
        visit,
        "consent.html",
        query={"user_code": device.user_code},
        client=client_card(device.client),
        scopes=scope_lines(visit, device.scopes),
        user_code=device.user_code,
        carried={"user_code": device.user_code},
        action=f"{visit.root}/device",
        another=visit.root + _onward(device.user_code).after_sign_in(),
    )


def _onward(code: str) -> Onward:
    return Onward(DEVICE, {"user_code": code} if code else {})
