"""Searching for counterexamples: instance generators, the search itself, and shrinking."""

from geomcheck.search.loop import SearchResult, search

__all__ = ["SearchResult", "search"]
