"""How far the loss rises between two points: over all of a segment, and over all permutations of one end."""
