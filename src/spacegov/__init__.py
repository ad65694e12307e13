"""The Space Governance Ontology and Knowledge Graph: load, check, query and export it."""

from importlib.metadata import version

__version__ = version("spacegov")
