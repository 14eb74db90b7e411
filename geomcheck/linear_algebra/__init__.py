"""Facts about one matrix, whatever it came from: rank, kernel, inertia, assignment, zeros; each with its evidence."""
