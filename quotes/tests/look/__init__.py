"""Every component in every state, rendered without a database and shown to a real browser under our own policy."""
