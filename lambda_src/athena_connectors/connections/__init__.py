"""Where the sources are and who signs in: connection strings, their typed form, catalogs, secrets."""
