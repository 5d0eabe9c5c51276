"""The protocol that Athena speaks with a connector, whatever the source behind it."""
