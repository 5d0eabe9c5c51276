"""Athena Federated Query connectors: other databases, joined with the data lake in place."""
