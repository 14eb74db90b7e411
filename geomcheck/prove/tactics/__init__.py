"""The tactics, one a file: each finds facts of one kind, with their premises, and says when it applies."""
