"""The Space Governance Ontology and Knowledge Graph: load, check, query and export it."""

__version__ = "0.2.0"
