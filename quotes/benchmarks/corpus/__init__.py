"""A synthetic newsroom for load: the same seed gives the same rows, fast, in bounded memory, at any size.

`words` and `reference` make the material, `newsroom` makes blocks of statements with all that hangs on them, `loading`
writes them into the database and proves that what is derived is right, `fixture` writes what a file may bring.
"""
