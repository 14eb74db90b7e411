"""Quantities of one problem: its derivatives at a point, its symmetries, and what the sub-rooms add to them.

`symbolic/` derives them for a person to read, `minima/` finds and certifies points, `barriers/` follows the loss
between two.
"""
