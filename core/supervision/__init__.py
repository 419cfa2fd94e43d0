"""Matters that must be supervised (督办): found by the service, ended by steps, departed from with a reason."""
