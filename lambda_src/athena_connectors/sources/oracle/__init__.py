"""Oracle, by python-oracledb in its thin mode, and in Arrow from end to end."""
