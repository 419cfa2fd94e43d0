"""Corrections: what was recorded wrongly is put right by a step of its own, and what hung on it is derived anew."""
