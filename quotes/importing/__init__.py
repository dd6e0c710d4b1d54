"""Fixture files in and out, in plain Python: bytes to strict rows with file, line, column and path, and back.

Nothing here knows Django or a database. What a file may hold is in ``schema.py``; how it is read is in
``reader.py``; every refusal is an ``errors.RowError``.
"""
