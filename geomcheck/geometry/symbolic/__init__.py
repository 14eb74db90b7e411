"""F, G, D and H of a shape in symbols: derived as exact polynomials, written as text, LaTeX, Python or SymPy."""
