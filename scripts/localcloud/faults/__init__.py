"""Faults on request: AWS throttles, fails, dawdles or hangs up as often as a rule says."""
