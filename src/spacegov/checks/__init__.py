"""What must hold of the graph, one file a kind."""
