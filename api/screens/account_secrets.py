"""The pages on which a person changes the own password and second factor."""

from __future__ import annotations

from typing import Any

from api.exchange import Answer
from api.screens.answers import ask_to_sign_in, go, page, text
from api.screens.forms import read_own_form
from api.screens.freshness import stale, stale_enrolment
from api.screens.invitations import require_same
from api.screens.onward import ACCOUNT, PASSWORD, RECOVERY_CODES, SECOND_FACTOR, Onward
from api.screens.rendering import in_language
from api.screens.visits import Visit
from core.accounts.account import find_account
from core.accounts.changing import change_password, remove_factor
from core.accounts.factors import Enrolment, begin_totp, confirm_totp, open_enrolment, renew_recovery_codes
from core.errors import Conflict, Invalid, Limited, Refused, Unauthenticated, Unavailable, WenzeError

_CORRECTABLE = (Refused, Limited, Unauthenticated, Unavailable, Conflict)
_PICTURE_SCALE = 5
_GROUP = 4


async def show_password(visit: Visit) -> Answer:
    """``GET …/account/password``."""
    return page(visit, "password.html") if visit.sign_in else ask_to_sign_in(visit, Onward(PASSWORD))


async def answer_password(visit: Visit) -> Answer:
    """``POST …/account/password``: the present one shows that it is the person and not whoever found the browser open."""
    form = await read_own_form(visit)
    if visit.sign_in is None:
        return ask_to_sign_in(visit, Onward(PASSWORD))
    services, password = visit.services, form.get("password", "")
    try:
        require_same(password, form.get("repeated", ""))
        present = form.get("present", "")
        await change_password(
            services.database, visit.snapshot, services.passwords, visit.sign_in, present, password, visit.browser, visit.now
        )
    except _CORRECTABLE as error:
        return page(visit, "password.html", error=error)
    return _to_account(visit, "password-changed")


async def show_second_factor(visit: Visit) -> Answer:
    """``GET …/account/second-factor``: the enrolment under way, or the question whether to do without."""
    elsewhere = stale_enrolment(visit)
    if elsewhere is not None:
        return elsewhere
    return await _show_factor(visit)


async def answer_second_factor(visit: Visit) -> Answer:
    """``POST …/account/second-factor``: ``begin``, ``confirm`` or ``remove``."""
    form = await read_own_form(visit)
    elsewhere = stale_enrolment(visit)
    if elsewhere is not None:
        return elsewhere
    action = form.get("action")
    try:
        if action == "begin":
            return await _begin(visit)
        if action == "confirm":
            return await _confirm(visit, form.get("code", ""))
        if action == "remove":
            return await _remove(visit, form.get("present", ""))
    except _CORRECTABLE as error:
        return await _show_factor(visit, error)
    raise Invalid("api.field-missing", field="/action", name="action")


async def show_recovery_codes(visit: Visit) -> Answer:
    """``GET …/account/recovery-codes``: asks whether to replace them."""
    elsewhere = stale(visit, Onward(RECOVERY_CODES))
    if elsewhere is not None:
        return elsewhere
    return _confirm_page(visit, RECOVERY_CODES, "renew-codes", "renew-lead", ask_password=False)


async def renew_codes(visit: Visit) -> Answer:
    """``POST …/account/recovery-codes``: the new ones, told on this page and never again."""
    await read_own_form(visit)
    elsewhere = stale(visit, Onward(RECOVERY_CODES))
    if elsewhere is not None:
        return elsewhere
    async with visit.writing() as session:
        account = await find_account(session, visit.require_sign_in().account_id)
        codes = await renew_recovery_codes(session, account)
    onwards = visit.root + ACCOUNT
    return page(visit, "recovery_codes.html", codes=codes, message=text(visit, "codes.renewed"), onwards=onwards)


async def _begin(visit: Visit) -> Answer:
    async with visit.writing() as session:
        account = await find_account(session, visit.require_present().account_id)
        await begin_totp(session, account, _issuer_name(visit))
    return go(visit, visit.issuer + _enrolment_address(visit))


async def _confirm(visit: Visit, code: str) -> Answer:
    sign_in = visit.require_present()
    async with visit.writing() as session:
        account = await find_account(session, sign_in.account_id)
        codes = await confirm_totp(session, account, code, visit.now, sign_in_id=sign_in.id)
    onwards = visit.root + visit.onward.then
    return page(visit, "recovery_codes.html", codes=codes, message=text(visit, "codes.enrolled"), onwards=onwards)


def _enrolment_address(visit: Visit) -> str:
    """The page on which it is set up, and where that leads on to."""
    return Onward(SECOND_FACTOR, {"then": visit.onward.then} if "then" in visit.query else {}).then


async def _remove(visit: Visit, password: str) -> Answer:
    services, sign_in = visit.services, visit.require_sign_in()
    await remove_factor(
        services.database, visit.snapshot, services.passwords, sign_in, password, visit.browser, visit.now
    )
    return _to_account(visit, "factor-removed")


async def _show_factor(visit: Visit, error: WenzeError | None = None) -> Answer:
    async with visit.reading() as session:
        account = await find_account(session, visit.require_present().account_id)
        enrolment = await open_enrolment(session, account, _issuer_name(visit))
    if account.has_second_factor:
        return _confirm_page(visit, SECOND_FACTOR, "remove-factor", "remove-lead", error=error)
    if enrolment is None:
        return page(visit, "begin_enrolment.html", error=error, **_around(visit))
    return page(visit, "enrolment.html", error=error, **_around(visit), **_picture(enrolment))


def _around(visit: Visit) -> dict[str, Any]:
    return {"action": visit.root + _enrolment_address(visit), "asked": visit.must_enrol}


def _confirm_page(
    visit: Visit, action: str, title: str, lead: str, *, ask_password: bool = True, error: WenzeError | None = None
) -> Answer:
    return page(
        visit,
        "confirm.html",
        error=error,
        title=text(visit, f"account.{title}"),
        lead=text(visit, f"account.{lead}"),
        action=visit.root + action,
        ask_password=ask_password,
    )


def _picture(enrolment: Enrolment) -> dict[str, Any]:
    import segno  # here: few pages have a picture

    code = segno.make(enrolment.uri, error="m", micro=False)
    width, _ = code.symbol_size(scale=_PICTURE_SCALE)
    picture = code.svg_data_uri(scale=_PICTURE_SCALE, light="#fff", dark="#000")
    groups = [enrolment.secret[start : start + _GROUP] for start in range(0, len(enrolment.secret), _GROUP)]
    return {"picture": picture, "size": int(width), "secret": " ".join(groups)}


def _issuer_name(visit: Visit) -> str:
    return in_language(visit.tenant.name, visit.language)


def _to_account(visit: Visit, word: str) -> Answer:
    return go(visit, f"{visit.issuer}{ACCOUNT}?told={word}")
