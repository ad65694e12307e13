"""Search: notions, entities and statements by their words, in any inflection or spelling, best first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import snowballstemmer
from pyoxigraph import Literal, NamedNode

from spacegov.answers.questions import own_question
from spacegov.engines.sparql import Source
from spacegov.names import shorten
from spacegov.rdf.graph import ALT_LABEL, DEFINITION, LABEL, Index, Term, index, sg

_FIELDS: tuple[tuple[NamedNode, float], ...] = (
    (LABEL, 8.0),
    (ALT_LABEL, 6.0),
    (sg("word"), 6.0),
    (sg("converseWord"), 5.0),
    (sg("negatedWord"), 5.0),
    (sg("quotation"), 4.0),
    (sg("asPrinted"), 3.0),
    (DEFINITION, 2.0),
)
"""What is searched, and the weight of a word that is found there."""

_EXACT = 3.0
"""How much more a word counts that stands there as it was asked for, but for its spelling."""

_KINDS = (("Notion", "notion"), ("Statement", "statement"), ("Relation", "relation"))
_ENDINGS = (
    ("isation", "ization"),
    ("ise", "ize"),
    ("ised", "ized"),
    ("ising", "izing"),
    ("defence", "defense"),
)


@dataclass(frozen=True)
class Hit:
    """A find: its kind, label, prefixed name, where it stands (statements), and the words that matched."""

    kind: str
    label: str
    name: str
    passage: str
    excerpt: str
    score: float


def find(source: Source, words: str, prefixes: Mapping[str, str], limit: int = 20) -> tuple[Hit, ...]:
    """Return at most ``limit`` hits for ``words``, best first.

    A hit that holds every word comes before one that holds some; then counts where they stand: label, other
    label, quotation, definition; then how little else stands beside them. Words match by their English stem
    (the Snowball algorithm), British and American spellings alike, with or without accents.
    """
    stemmer = snowballstemmer.stemmer("english")
    wanted = dict(zip(_stems(words, stemmer), _words(words), strict=True))
    if not wanted:
        return ()
    graph = index(source.construct(own_question("find").sparql))
    hits: list[tuple[float, str, Hit]] = []
    for node, kind in _candidates(graph):
        score, field = _score(graph, node, wanted, stemmer)
        if score > 0:
            passage = graph.value(node, sg("inPassage"))
            quotation = graph.text(node, sg("quotation"))
            name = shorten(node.value, dict(prefixes))
            label = graph.label(node) if quotation is None else name.rsplit(":", 1)[-1]
            hit = Hit(kind, label, name, graph.label(passage) if passage else "", field, score)
            hits.append((-score, name, hit))
    return tuple(h for _, _, h in sorted(hits, key=lambda h: h[:2])[:limit])


def _candidates(graph: Index) -> Iterable[tuple[NamedNode, str]]:
    for cls, kind in _KINDS:
        for node in graph.instances(sg(cls)):
            if isinstance(node, NamedNode):
                yield node, kind
    for node in graph.subjects_of(sg("identityStatus")):
        if isinstance(node, NamedNode):
            yield node, "entity"


def _score(graph: Index, node: Term, wanted: Mapping[str, str], stemmer: object) -> tuple[float, str]:
    best: dict[str, float] = {}
    shown, top = "", 0.0
    for predicate, weight in _FIELDS:
        for value in graph.objects(node, predicate):
            if not isinstance(value, Literal):
                continue
            stems = _stems(value.value, stemmer)
            found = [w for w in wanted if w in stems]
            if not found:
                continue
            spelled = set(_words(value.value))
            worth = weight * (1 + len(found) / len(stems))
            for word in found:
                exact = _EXACT if wanted[word] in spelled else 1.0
                best[word] = max(best.get(word, 0.0), worth * exact)
            if worth * len(found) > top and predicate != LABEL:
                shown, top = value.value, worth * len(found)
    if not best:
        return 0.0, ""
    return sum(best.values()) + 100.0 * (len(best) == len(wanted)), shown


def _stems(text: str, stemmer: object) -> list[str]:
    return list(getattr(stemmer, "stemWords")(_words(text)))  # noqa: B009 - untyped library


def _words(text: str) -> list[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return [_spelling(w) for w in re.findall(r"[^\W_]+", plain.replace("-", " "))]


def _spelling(word: str) -> str:
    for british, american in _ENDINGS:
        if len(word) > len(british) + 2 and word.endswith(british):
            return word.removesuffix(british) + american
    return "behavior" + word[9:] if word.startswith("behaviour") else word
