"""Runs a query: connectors are asked, the lake is read, and DuckDB joins what came."""
