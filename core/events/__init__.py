"""Events: what happened, in an order that every reader sees alike (promise 5). References only, no personal data."""
