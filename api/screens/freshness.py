"""What an account signs in with is changed only by who has just shown who they are (ASVS 7.5.1)."""

from __future__ import annotations

from datetime import timedelta

from api.exchange import Answer
from api.screens.answers import ask_to_sign_in, go
from api.screens.onward import SECOND_FACTOR, Onward
from api.screens.visits import Visit
from core.accounts.sign_ins import SignIn

FRESH = timedelta(minutes=15)


def is_fresh(visit: Visit, sign_in: SignIn) -> bool:
    """Whether the person has shown who they are a short while ago."""
    return visit.now - sign_in.authenticated_at < FRESH


def stale(visit: Visit, onward: Onward) -> Answer | None:
    """The way to signing in (again), and from there to ``onward``; ``None`` for who has just done so."""
    if visit.sign_in is None:
        return ask_to_sign_in(visit, onward)
    return None if is_fresh(visit, visit.sign_in) else go(visit, visit.issuer + onward.after_sign_in())


def stale_enrolment(visit: Visit) -> Answer | None:
    """The same for the second factor, which who lacks it may set up."""
    onward = Onward(SECOND_FACTOR, {"then": visit.onward.then} if "then" in visit.query else {})
    if not visit.must_enrol or visit.present is None:
        return stale(visit, onward)
    return None if is_fresh(visit, visit.present) else go(visit, visit.issuer + onward.after_sign_in())
