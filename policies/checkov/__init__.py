"""Rules of ours, one a file. Without this file checkov would load none of them, and would not say so.

Each rule holds what the catalogue and the findings say of it in a literal: `RULE` in Python, `metadata` in YAML.
"""
