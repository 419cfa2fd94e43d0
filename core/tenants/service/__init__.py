"""The only place of this package that does I/O: every change of a tenant's configuration, with its audit row and event.

Each function works in the caller's transaction and writes nothing by halves.
"""
