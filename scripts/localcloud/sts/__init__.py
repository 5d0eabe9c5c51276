"""STS: who sends a request, and the temporary credentials of roles."""
