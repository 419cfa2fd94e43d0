"""The schema's history, for SQLite and PostgreSQL alike; part of the wheel and run by ``wenze db``."""
