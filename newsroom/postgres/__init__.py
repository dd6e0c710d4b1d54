"""Django's PostgreSQL engine with two additions: it knows the owner of the tables, and it can bring its own server."""
