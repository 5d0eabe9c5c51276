"""Lambda: the functions of the account run from their zips, and what is configured is what is described."""
