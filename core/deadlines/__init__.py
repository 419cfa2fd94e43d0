"""Deadlines: when a term ends and why, and what pauses, extensions and reminders make of it."""
