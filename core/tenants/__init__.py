"""Tenants: the directory, their organisation, clients, dated settings and calendars, and the snapshot a request works on."""
