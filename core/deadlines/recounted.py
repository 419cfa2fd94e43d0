"""What a recount of deadlines is called in the history of a case and in the ledger of a deadline."""

from __future__ import annotations

RECOUNT = "recount"
"""The step by which the service itself moves the dates of a case, and the entry of the ledger that says so."""
