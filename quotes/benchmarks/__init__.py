"""Benchmarks, one file per word; `manage.py bench [WORD …]` runs them and prints their ratios in one table.

A benchmark is a module here with a function ``run(tell) -> list[Ratio]``. It compares two ways of doing the same thing
in one interleaved run, so that the machine and its other load touch both alike, and says which gate of SPEED.md §8 the
ratio has to pass. Seconds are never promised, only ratios.
"""
