"""Gives all Redshift clusters of an account and Region one maintenance window and one announced date."""
