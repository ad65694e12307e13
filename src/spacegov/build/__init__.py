"""From files to a checked graph."""
