"""The page on which an invited person sets a password."""

from __future__ import annotations

from api.exchange import Answer
from api.screens.answers import go, page
from api.screens.forms import read_own_form
from api.screens.visits import Visit
from core.accounts.invitations import redeem
from core.errors import Limited, NotFound, Refused, Unauthenticated, Unavailable, WenzeError

_LONGEST_CODE = 128


async def show_invitation(visit: Visit) -> Answer:
    """``GET …/invitation``: the code comes in the address that the person was given, or is typed."""
    return _ask(visit, visit.query.get("code", "")[:_LONGEST_CODE])


async def accept_invitation(visit: Visit) -> Answer:
    """``POST …/invitation``: sets the password, and leads to the sign-in page."""
    form = await read_own_form(visit)
    code, password = form.get("code", "")[:_LONGEST_CODE], form.get("password", "")
    services = visit.services
    try:
        require_same(password, form.get("repeated", ""))
        await redeem(services.database, services.passwords, visit.snapshot, code, password, visit.now)
    except (Refused, Limited, Unavailable, Unauthenticated, NotFound) as error:
        return _ask(visit, code, error)
    return go(visit, f"{visit.issuer}/sign-in?told=invitation")


def require_same(password: str, repeated: str) -> None:
    """Raises :class:`Refused` where a new password was not typed the same way twice."""
    if password != repeated:
        raise Refused("screens.password.differ", field="/repeated")


def _ask(visit: Visit, code: str, error: WenzeError | None = None) -> Answer:
    return page(visit, "invitation.html", error=error, query={"code": code} if code else {}, code=code)
