"""Wiring of Verbatim: settings, addresses, middleware, database engine. No newsroom rules live here."""
