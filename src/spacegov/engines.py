"""The choice of engines: compiled ones, or the reference that others know (owlrl and pySHACL)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pyoxigraph import Triple

from spacegov.reason import Closure, close
from spacegov.validate import Finding, validate


@dataclass(frozen=True)
class EnginePair:
    """A closure and a validation engine, called alike."""

    name: str
    close: Callable[[Iterable[Triple]], Closure]
    validate: Callable[[Iterable[Triple], Iterable[Triple]], tuple[Finding, ...]]


FAST = EnginePair("fast", close, validate)


def choose(name: str) -> EnginePair:
    """Return the engines called ``fast`` or ``reference``; the reference is imported only when it is asked for."""
    if name == FAST.name:
        return FAST
    from spacegov.reference import close_reference, validate_reference

    return EnginePair("reference", close_reference, validate_reference)
