"""Everything that is kept: tables, the tenant-bound session, envelopes, audit trail, outbox. Only here is SQL spoken."""
