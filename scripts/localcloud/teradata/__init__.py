"""Teradata's stand-in: a driver that is put before Teradata's own, and DuckDB behind it that reads Teradata's SQL.

No Teradata is to be had on a laptop. So `driver/` has a `teradatasql` that speaks to a server on loopback, where the
SQL that would reach Teradata is read by sqlglot as its own and runs on DuckDB with what Teradata means by it: text is
compared without the blanks at its end and without regard to case unless a side is CASESPECIFIC, CHARs come padded,
names are alike in any case. What the stand-in does not know it refuses.
"""
