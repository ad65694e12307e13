"""The choice of engines: compiled ones, or the reference that others know (rdflib, owlrl and pySHACL)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pyoxigraph import Triple

from spacegov.engines.reason import Closure, close
from spacegov.engines.sparql import Source, embedded, open_store
from spacegov.engines.validate import Finding, validate


@dataclass(frozen=True)
class Engines:
    """A closure, a validation and a query engine, called alike."""

    name: str
    close: Callable[[Iterable[Triple]], Closure]
    validate: Callable[[Iterable[Triple], Iterable[Triple]], tuple[Finding, ...]]
    open: Callable[[Iterable[Triple]], Source]


def _open(triples: Iterable[Triple]) -> Source:
    return embedded(open_store(triples))


FAST = Engines("fast", close, validate, _open)


def choose(name: str) -> Engines:
    """Return the engines called ``fast`` or ``reference``; the reference is imported only when it is asked for."""
    if name == FAST.name:
        return FAST
    from spacegov.engines.reference import close_reference, open_reference, validate_reference

    return Engines("reference", close_reference, validate_reference, open_reference)
