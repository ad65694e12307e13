"""Looking things up in a source: the thing that a person means by a name, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from spacegov.answers.questions import Question, bind, own_question
from spacegov.engines.sparql import Source
from spacegov.errors import SpacegovError, did_you_mean
from spacegov.names import shorten
from spacegov.rdf.graph import Index, Rows, Term


def value_of(source: Source, text: str, prefixes: Mapping[str, str]) -> NamedNode | Literal:
    """Return what a person means by ``text``: a literal in double quotes, or a thing by IRI, name or label.

    Raises SpacegovError for a literal that is not text in Unicode, and as :func:`resolve` does.
    """
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            return Literal(text[1:-1])
        except ValueError:  # half a character, from bytes that are not UTF-8
            raise SpacegovError(f"{text!r} is not text in Unicode", mend="write it in UTF-8") from None
    return resolve(source, text, prefixes)


def resolve(source: Source, name: str, prefixes: Mapping[str, str]) -> NamedNode:
    """Return the thing called ``name``: an IRI, a prefixed name, a label in any case, or the last part of an IRI.

    Raises SpacegovError, with the nearest names, where nothing or more than one thing is called so.
    """
    bare = name.strip().strip("<>")
    prefix, colon, local = bare.partition(":")
    graph = index_of(source)
    for iri in (bare, prefixes[prefix] + local if colon and prefix in prefixes else ""):
        node = _node(iri)
        if node is not None and (node in graph.forward or node in graph.backward):
            return node
    hits = _labelled(source, bare)
    table: dict[str, list[NamedNode]] = {}
    if not hits:
        table = _names(source)
        hits = table.get(bare.casefold(), [])
    if len(hits) == 1:
        return hits[0]
    if hits:
        raise SpacegovError(
            f"{name!r} is the name of {len(hits)} things",
            mend="say which: " + ", ".join(shorten(h.value, dict(prefixes)) for h in hits),
        )
    wanted = local if colon and prefix in prefixes else bare
    near = {name: shorten(nodes[0].value, dict(prefixes)) for name, nodes in table.items()}
    raise SpacegovError(
        f"nothing is called {name!r}",
        mend=did_you_mean(wanted.casefold(), near, 4, 0.6) or "look for it with “spacegov find WORDS”",
    )


def _node(iri: str) -> NamedNode | None:
    try:
        return NamedNode(iri) if iri.startswith("http") else None
    except ValueError:  # a space, or another character that no IRI has
        return None


def _labelled(source: Source, label: str) -> list[NamedNode]:
    try:
        sparql = bind(own_question("labelled"), {"name": Literal(label)})
    except ValueError:  # half a character
        return []
    return [thing for (thing,) in source.select(sparql).rows if isinstance(thing, NamedNode)]


def _names(source: Source) -> dict[str, list[NamedNode]]:
    """Return the things by each of their names, without case; where a name is of several ranks, those of the best."""
    table: dict[str, dict[NamedNode, int]] = {}
    for thing, name, rank in source.select(own_question("names").sparql).rows:
        if isinstance(thing, NamedNode) and isinstance(name, Literal) and isinstance(rank, Literal):
            entry = table.setdefault(name.value.casefold(), {})
            entry[thing] = min(int(rank.value), entry.get(thing, 9))
    out: dict[str, list[NamedNode]] = {}
    for name_, ranks in table.items():
        best = min(ranks.values())
        out[name_] = sorted((n for n, r in ranks.items() if r == best), key=str)
    return out


def index_of(source: Source) -> Index:
    """Return an index over the graph in ``source`` that fetches the rows of a thing when they are first asked for.

    So a page costs a query for each thing that it names, and not the whole graph. Nothing is found about a blank
    node, which SPARQL cannot name; what asks every row (``subjects_of``) raises TypeError.
    """
    return Index(frozenset(), _Fetched(source, own_question("says")), _Fetched(source, own_question("said-of")))


@dataclass(frozen=True)
class _Fetched(Mapping[Term, Rows]):
    """The rows of each thing by its property, fetched by a query of two columns and kept."""

    source: Source
    question: Question
    kept: dict[Term, Rows] = field(default_factory=dict)

    def __getitem__(self, thing: Term) -> Rows:
        if thing not in self.kept:
            self.kept[thing] = self._fetch(thing)
        if not self.kept[thing]:
            raise KeyError(thing)
        return self.kept[thing]

    def _fetch(self, thing: Term) -> Rows:
        rows: dict[NamedNode, list[Term]] = {}
        if isinstance(thing, NamedNode | Literal):
            for by, value in self.source.select(bind(self.question, {"thing": thing})).rows:
                if isinstance(by, NamedNode) and value is not None:
                    rows.setdefault(by, []).append(value)
        for values in rows.values():
            values.sort(key=str)
        return rows

    def __iter__(self) -> Iterator[Term]:
        raise TypeError("the rows of a source are fetched one thing at a time")

    def __len__(self) -> int:
        raise TypeError("the rows of a source are fetched one thing at a time")
