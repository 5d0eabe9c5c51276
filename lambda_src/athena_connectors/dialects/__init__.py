"""SQL as each source wants it; the core's constraints in, statements with binds out."""
