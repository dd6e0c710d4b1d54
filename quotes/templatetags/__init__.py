"""Words, marks and places for templates; no rules and no queries."""
