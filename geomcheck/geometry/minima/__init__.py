"""Points of least loss: whether one is, which certificate shows it, and exact ones near a float checkpoint."""
