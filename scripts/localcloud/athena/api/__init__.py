"""Athena's API, in place of moto's, which runs no query. DuckDB and Arrow are imported by the first query."""
