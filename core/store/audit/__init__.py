"""The audit trail outside the database: exported, sealed by a key kept elsewhere, and verified with neither (promise 4)."""
