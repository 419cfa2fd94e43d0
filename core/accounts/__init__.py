"""Accounts of staff: how people sign in, with what, and what keeps others from doing it in their place."""
