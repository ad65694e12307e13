"""The project's names: namespaces, prefixes, and the way between a full IRI and a short name."""

from __future__ import annotations

BASE = "https://w3id.org/spacegov/"
ONTOLOGY = BASE + "ontology"
SG = ONTOLOGY + "#"
REL = BASE + "relation#"
ENT = BASE + "entity/"
DOCUMENT = BASE + "document/"
SHAPES = BASE + "shapes#"
QUERY = BASE + "query/"
GRAPH = BASE + "graph/"

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"
OA = "http://www.w3.org/ns/oa#"
PROV = "http://www.w3.org/ns/prov#"
SH = "http://www.w3.org/ns/shacl#"
VANN = "http://purl.org/vocab/vann/"

FIXED_PREFIXES: dict[str, str] = {
    "rdf": RDF,
    "rdfs": RDFS,
    "owl": OWL,
    "xsd": XSD,
    "skos": SKOS,
    "dcterms": DCTERMS,
    "oa": OA,
    "prov": PROV,
    "sh": SH,
    "vann": VANN,
    "sg": SG,
    "rel": REL,
    "ent": ENT,
    "sgsh": SHAPES,
}
"""Prefix → namespace, for everything that does not belong to one document."""

NO_PREFIXES = frozenset({"data", "doi", "file", "ftp", "http", "https", "info", "mailto", "tag", "urn", "xml", "xmlns"})
"""What no document's prefix may be: before a colon it means the scheme of an IRI, or is XML's own."""


def document_prefix(document: str) -> str:
    """Return the prefix of a document's own names: ``chn-2021`` → ``chn``, ``gbr-2021`` → ``gbr``."""
    return document.split("-", 1)[0]


def document_namespace(document: str) -> str:
    """Return the namespace of a document's own names, ending in a slash."""
    return f"{DOCUMENT}{document}/"


def prefixes_for(documents: list[str]) -> dict[str, str]:
    """Return every prefix: the fixed ones and one for each document (its full name where another has it).

    >>> prefixes_for(["chn-2021"])["chn"]
    'https://w3id.org/spacegov/document/chn-2021/'
    """
    table = dict(FIXED_PREFIXES)
    for document in sorted(documents):
        prefix = document_prefix(document)
        free = prefix not in table and prefix not in NO_PREFIXES
        table[prefix if free else document] = document_namespace(document)
    return table


def shorten(iri: str, prefixes: dict[str, str]) -> str:
    """Return ``prefix:local`` for the longest namespace that fits, or ``<iri>``."""
    best = ""
    for prefix, namespace in prefixes.items():
        if iri.startswith(namespace) and len(namespace) > len(prefixes.get(best, "")):
            best = prefix
    local = iri[len(prefixes[best]) :] if best else ""
    if not best or not local or not all(c.isalnum() or c in "-_." for c in local) or local.endswith("."):
        return f"<{iri}>"
    return f"{best}:{local}"


def local_name(iri: str) -> str:
    """Return what follows the last ``#`` or ``/``."""
    return iri.rstrip("/").replace("#", "/").rsplit("/", 1)[-1]
