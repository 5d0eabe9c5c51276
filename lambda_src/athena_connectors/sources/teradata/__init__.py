"""Teradata, by its own driver: rows that become Arrow by columns."""
