"""The operations of each domain; every module declares them as ``OPERATIONS``."""
