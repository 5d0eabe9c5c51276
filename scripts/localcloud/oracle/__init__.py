"""Oracle's stand-in: a driver that is put before python-oracledb's, and DuckDB behind it that reads Oracle's SQL.

No Oracle is to be had on a laptop. So the shipped zip runs as it is, but for `oracledb.connect`, which `driver/`
replaces where it is on the path; the SQL that would reach Oracle is read by sqlglot as Oracle's and runs on DuckDB with
what Oracle means by it: '' is NULL, CHARs are padded, names are compared by case, an SCN reads what was. What the
stand-in does not know it refuses.
"""
