"""The kinds that tell a reader nothing: the tops of the hierarchy of notions."""

from __future__ import annotations

from spacegov.rdf.graph import TYPE, Index, Term, sg

_NO_MORE_THAN_TOPS = ("Conduct", "ActorRole", "MatterRole", "PlaceRole", "SystemRole")
"""Notions below the top of the hierarchy that tell no more than the top."""


def top_kinds(graph: Index) -> frozenset[Term]:
    """Return the notions that tell nothing apart: those without a wider notion, and conduct and roles as such.

    ``graph`` holds the generated ``sg:narrowerThan``.
    """
    notions = graph.subjects(TYPE, sg("Notion"))
    tops = {n for n in notions if not graph.objects(n, sg("narrowerThan"))}
    return frozenset(tops | {sg(n) for n in _NO_MORE_THAN_TOPS})
