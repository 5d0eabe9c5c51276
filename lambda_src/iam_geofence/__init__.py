"""Answers Client VPN's question whether a connection may be made: only from permitted countries, and fails closed."""
