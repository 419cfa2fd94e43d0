"""Webhooks: what happened, sent to whoever the tenant names; signed, tried again for three days, and all of it on record."""
