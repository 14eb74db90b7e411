"""The claim language: words, grammar, trees, claims and claims files, and the truth of a claim at an instance."""
