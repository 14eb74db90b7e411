"""How many connected components the set of global minima has, by exact means, one theorem a file.

The statements are proved on `proofs/lemmas/components.md`. Nothing here is decided in floats.
"""
