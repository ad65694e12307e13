"""What a person asks of a graph: pure functions of an index or a source."""
