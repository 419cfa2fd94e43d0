"""Every trade that a worker has."""

from __future__ import annotations

from core.deadlines.watching import WATCHING
from core.events.trade import NUMBERING
from core.messages.sending import MESSAGING
from core.recounts.working import RECOUNTING
from core.upkeep import UPKEEP
from core.webhooks.delivering import DELIVERING
from core.work import Trade

TRADES: tuple[Trade, ...] = (NUMBERING, DELIVERING, WATCHING, RECOUNTING, UPKEEP, MESSAGING)
