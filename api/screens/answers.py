"""What a visit is answered with: a page, or the way on; always with the cookies that the visit has yet to be given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from api.exchange import Answer
from api.oauth.scopes import OPENID_TEXTS
from api.problems import status_of
from api.scope_texts import SCOPE_TEXTS
from api.screens.cookies import Header
from api.screens.errors import describe
from api.screens.forms import form_token
from api.screens.onward import Onward, enrolling_for
from api.screens.rendering import Frame, in_language, move_on, say, show
from api.screens.visits import Visit
from core.errors import Limited, Unavailable, WenzeError

_TEXTS = {**OPENID_TEXTS, **{scope.value: text for scope, text in SCOPE_TEXTS.items()}}


def page(
    visit: Visit,
    template: str,
    status: int = 200,
    *,
    leads_to: Sequence[str] = (),
    query: Mapping[str, str] | None = None,
    error: WenzeError | None = None,
    **values: Any,
) -> Answer:
    """A page for the visit. ``query`` is what its address takes by GET, where that is another than now.

    ``error`` is told on the page, gives it its status and says when to try again.
    """
    frame = Frame(
        language=visit.language,
        tenant=visit.tenant,
        root=visit.root,
        query=visit.query if query is None else query,
        leads_to=tuple(leads_to),
    )
    headers = list(visit.headers)
    if isinstance(error, Limited | Unavailable):
        headers.append((b"retry-after", str(error.params.get("wait", 1)).encode()))
    fault = describe(error, visit.language) if error is not None else ""
    status = _status(error) if error is not None else status
    surroundings = {"form_token": form_token(visit), "sign_in": visit.sign_in, "fault": fault, "client": None}
    return show(frame, template, status, headers, **{**surroundings, **values})


def go(visit: Visit, address: str, headers: Sequence[Header] = ()) -> Answer:
    """On to an address that was made or checked here."""
    return move_on(address, [*visit.headers, *headers])


def go_to(visit: Visit, onward: Onward, headers: Sequence[Header] = ()) -> Answer:
    """On to one of our own pages."""
    return go(visit, onward.address(visit.issuer), headers)


def ask_to_sign_in(visit: Visit, onward: Onward) -> Answer:
    """To the page for signing in, or the one for the second factor where only that is missing or has yet to be set up; from
    there to ``onward``."""
    if visit.must_enrol:
        return go_to(visit, enrolling_for(onward))
    waits = visit.found is not None and visit.found.needs_second_factor
    return go(visit, visit.issuer + onward.after_sign_in("/second-factor" if waits else "/sign-in"))


def text(visit: Visit, text_id: str, **params: str | int) -> str:
    """A text of the pages in the visit's language."""
    return say(f"screens.{text_id}", visit.language, **params)


def told(visit: Visit, known: Mapping[str, str]) -> str:
    """What the page before has done, by the word in ``told``; only what is known is ever shown."""
    text_id = known.get(visit.query.get("told", ""))
    return text(visit, text_id) if text_id else ""


def scope_lines(visit: Visit, scopes: Sequence[str]) -> list[str]:
    """What scopes mean, in the visit's language; a scope that no longer exists is left out."""
    return [in_language(_TEXTS[scope], visit.language) for scope in scopes if scope in _TEXTS]


def moment(visit: Visit, instant: datetime) -> dict[str, str]:
    """An instant for a reader here, and for a machine."""
    return {"at": f"{instant.astimezone(visit.snapshot.zone):%Y-%m-%d %H:%M}", "instant": instant.isoformat()}


def _status(error: WenzeError) -> int:
    # 401 would make a browser ask by itself (RFC 9110, section 11.6.1); here the page asks.
    return 422 if status_of(error) == 401 else status_of(error)
