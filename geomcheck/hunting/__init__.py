"""Hunting: a search for a counterexample that goes on over seeds, processes and days, and forgets nothing it found."""
