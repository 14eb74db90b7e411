"""How answers look: one report, written as text, HTML or LaTeX; JSON for programs and one line for grep."""
