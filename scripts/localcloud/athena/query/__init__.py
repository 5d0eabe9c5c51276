"""What a statement asks of each table: parsed, resolved and split into what connectors can do and what is left."""
