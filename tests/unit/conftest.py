"""Hypothesis without a deadline (machines are shared) and without a database (every run draws afresh)."""

from hypothesis import settings

settings.register_profile("unit", deadline=None, database=None)
settings.load_profile("unit")
