"""How fast the service is, against a thin twin on the same PostgreSQL: ``python -m tests.benchmarks``, all or single lines.

Each line over HTTP is raced in short turns against a twin (:mod:`tests.benchmarks.twin`) that does the same reads or writes
the same rows, so that a change of the machine's mood meets both. Figures are not tests: nothing here fails on a slow day.
"""
