"""Snowflake, by its own driver and in Arrow from end to end."""
