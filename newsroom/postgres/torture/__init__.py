"""What a machine can do to an embedded PostgreSQL, done on purpose: ``python -m newsroom.postgres.torture``."""
