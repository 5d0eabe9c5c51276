"""Redshift: clusters as AWS refuses and describes them, and maintenance as their windows come due."""
