"""Text work in plain Python: names and scripts, anchors, figures, word diff, dates, URLs.

Dataclasses in, dataclasses out. Nothing here knows Django, a database or a request, so every rule can be
tried on a string in a shell and tested with hypothesis.
"""
