"""Studies: one table of runs over uncertain factors, kept on disk, and what is read from it."""
