"""Snowflake's stand-in: fakesnow behind Snowflake's own HTTP interface, corrected where it is kinder than Snowflake.

All files but `standin.py` run in `.venv-fakesnow`, as a process of their own.
"""
