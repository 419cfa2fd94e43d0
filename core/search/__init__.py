"""Search in the words of a tenant: n-grams under a key, in a table of plain equality (PITFALLS 31)."""
