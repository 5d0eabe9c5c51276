"""The databases behind the connectors: drivers, dictionaries, types, splits."""
