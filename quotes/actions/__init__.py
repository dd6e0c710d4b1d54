"""Writes, as verbs: atomic, `by=`, each leaving its events. One file per word."""
