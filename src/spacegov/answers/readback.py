"""Reading propositions back as English sentences, so that an eye can hold each against its quotation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from pyoxigraph import Literal, NamedNode

from spacegov.errors import SpacegovError
from spacegov.names import local_name
from spacegov.rdf.graph import Index, Term, sg, walks

PROPOSITION = sg("Proposition")
SITUATION = sg("DescribedSituation")
REFERENTS = (sg("UnnamedReferent"), sg("AnaphoricReferent"), sg("DescribedReferent"))

QUALIFIERS: tuple[tuple[NamedNode, str], ...] = (
    (sg("manner"), "manner: {}"),
    (sg("degree"), "degree: {}"),
    (sg("frequency"), "how often: {}"),
    (sg("hasTime"), "when: {}"),
    (sg("hasQuantity"), "how many: {}"),
    (sg("inPlace"), "where: {}"),
    (sg("inForum"), "forum: {}"),
    (sg("coAgent"), "together with: {}"),
    (sg("addressee"), "directed at: {}"),
    (sg("beneficiary"), "of or for: {}"),
    (sg("concerning"), "as regards: {}"),
    (sg("means"), "by means of: {}"),
    (sg("inAccordanceWith"), "in accordance with: {}"),
    (sg("purpose"), "in order that: {}"),
    (sg("underCondition"), "on condition that: {}"),
    (sg("comparedWith"), "as against: {}"),
    (sg("alternativeTo"), "or else: {}"),
    (sg("openListPhrase"), "open list: {}"),
)
"""The qualifiers of a proposition in the order in which they are read, with their wording."""

MOST_NESTED = 20
"""So deep may statements and propositions be nested in each other; real ones are three deep."""

NESTING = (
    sg("reports"),
    sg("hasProposition"),
    sg("subject"),
    sg("object"),
    sg("counts"),
    sg("describes"),
    sg("agent"),
    sg("patient"),
    *(qualifier for qualifier, _ in QUALIFIERS if qualifier != sg("alternativeTo")),
)
"""What puts one part of a claim inside another. Two alternatives may name each other: neither is inside."""

_FORMS = re.compile(r"\[([^|\]]*)\|([^|\]]*)\|([^|\]]*)\|([^|\]]*)\]")
_PLACE = re.compile(r"\{subject\}|\{object\}")
_AUXILIARIES = {"is": "are", "has": "have", "does": "do"}
_MODAL_WORDS = {"could", "can", "may", "might", "should", "must", "will", "would", "shall"}


@dataclass(frozen=True)
class Verb:
    """The four forms of a relation's verb, as its template gives them."""

    present: str
    base: str
    gerund: str
    participle: str


@cache
def parse_template(template: str) -> tuple[str, Verb, str]:
    """Return what stands before the verb, the verb's forms, and what follows it.

    Raises SpacegovError where ``template`` has no ``{subject}`` or not exactly one ``[a|b|c|d]``.
    """
    forms = list(_FORMS.finditer(template))
    if len(forms) != 1 or "{subject}" not in template:
        raise SpacegovError(
            f"the template {template!r} cannot be read back",
            mend="write {subject} [present|base|gerund|participle] {object}, with one verb in square brackets",
        )
    verb = forms[0]
    return template[: verb.start()], Verb(*verb.groups()), template[verb.end() :]


def read_proposition(
    graph: Index, proposition: Term, *, nested: bool = False, passed: frozenset[Term] = frozenset()
) -> str:
    """Return a proposition as an English sentence, without its final stop where ``nested``.

    ``passed`` are propositions that are being read already; where one comes up again (two alternatives name
    each other) it is not read anew. What is nested in itself or more than ``MOST_NESTED`` deep is left out with an
    ellipsis; :func:`ill_nested` finds both.
    """
    passed |= {proposition}
    relation = graph.value(proposition, sg("relation"))
    template = graph.text(relation, sg("template")) if relation is not None else None
    if relation is None or template is None:
        raise SpacegovError(
            "a proposition has no relation with a template",
            where=str(proposition),
            mend="give it one sg:relation that ontology/relations.ttl declares",
        )
    before, verb, after = parse_template(template)
    subject = graph.value(proposition, sg("subject"))
    value = graph.value(proposition, sg("object"))
    plural = subject is not None and _is_plural(graph, subject)
    sentence = before + _verb_phrase(graph, proposition, verb, plural=plural) + after
    nouns = {"{subject}": _noun(graph, subject, passed), "{object}": _noun(graph, value, passed)}
    sentence = _PLACE.sub(lambda place: nouns[place[0]], sentence)
    extras = _qualifiers(graph, proposition, passed)
    if extras:
        sentence += " (" + "; ".join(extras) + ")"
    sentence = re.sub(r" {2,}", " ", sentence).strip()
    return sentence if nested else sentence[:1].upper() + sentence[1:] + "."


def _verb_phrase(graph: Index, proposition: Term, verb: Verb, *, plural: bool) -> str:
    modality = graph.value(proposition, sg("modality"))
    negative = graph.value(proposition, sg("polarity")) == sg("negative")
    status = graph.value(proposition, sg("status"))
    only = " only" if any(graph.objects(proposition, sg("exclusive"))) else ""
    no = " not" if negative else ""
    if modality in (sg("asserted"), sg("hypothetical"), None):
        return _tensed(verb, status, plural=plural, negative=negative)
    printed = (graph.text(proposition, sg("modalWord")) or "").lower()
    words = re.findall(r"[a-z]+", printed.replace("cannot", "can"))
    word = next((w for w in words if w in _MODAL_WORDS), None)
    phrase = word or (graph.text(modality, sg("readsAs")) if modality is not None else None) or ""
    first, _, rest = phrase.partition(" ")
    if first not in _MODAL_WORDS and plural:
        first = _AUXILIARIES.get(first, first.removesuffix("s"))
    perfect = f"have {verb.participle}" if status == sg("done") and first in _MODAL_WORDS else verb.base
    return " ".join(filter(None, [first + no + only, rest, perfect])).replace("can not", "cannot")


def _tensed(verb: Verb, status: Term | None, *, plural: bool, negative: bool) -> str:
    def agree(word: str) -> str:
        return _AUXILIARIES[word] if plural else word

    no = " not" if negative else ""
    if status == sg("done"):
        return f"{agree('has')}{no} {verb.participle}"
    if status == sg("ongoing") and verb.base not in ("be", "have"):
        return f"{agree('is')}{no} {verb.gerund}"
    if status == sg("planned"):
        return f"{agree('does')} not plan to {verb.base}" if negative else f"plan{'' if plural else 's'} to {verb.base}"
    if verb.present in ("is", "has"):
        return agree(verb.present) + no
    if negative:
        return f"{agree('does')} not {verb.base}"
    return verb.base if plural else verb.present


def _qualifiers(graph: Index, proposition: Term, passed: frozenset[Term]) -> list[str]:
    out = []
    for prop, wording in QUALIFIERS:
        values = [v for v in graph.objects(proposition, prop) if v not in passed]
        if values:
            out.append(wording.format(" + ".join(_noun(graph, v, passed) for v in values)))
    return out


def _noun(graph: Index, term: Term | None, passed: frozenset[Term]) -> str:  # noqa: PLR0911 - one return a kind
    if term is None:
        return ""
    if isinstance(term, Literal):
        return f"“{term.value}”"
    types = graph.types(term)
    if term in passed or len(passed) > MOST_NESTED:
        return "[…]"
    if PROPOSITION in types:
        return f"[{read_proposition(graph, term, nested=True, passed=passed)}]"
    if any(t in REFERENTS for t in types):
        printed = graph.text(term, sg("asPrinted"))
        label = graph.label(term)
        return f"“{printed}”" if printed == label else f"[{label}]"
    if sg("Quantity") in types:
        counted = " + ".join(_noun(graph, c, passed | {term}) for c in graph.objects(term, sg("counts")))
        return f"“{graph.text(term, sg('asPrinted'))}”" + (f" of {counted}" if counted else "")
    if sg("TimeQualifier") in types:
        return f"“{graph.text(term, sg('asPrinted'))}”"
    if SITUATION in types:
        return f"‹{graph.label(term)}›"
    return graph.label(term)


def _is_plural(graph: Index, term: Term) -> bool:
    if sg("ActorGroup") in graph.types(term):
        return True
    mark = graph.value(term, sg("plural"))
    return isinstance(mark, Literal) and mark.value == "true"


def ill_nested(graph: Index, nodes: Iterable[Term]) -> Iterator[tuple[Term, str]]:
    """Yield each of ``nodes`` that stands inside itself or has more than ``MOST_NESTED`` levels in it, and which."""
    links = {node: [(value, 1) for predicate in NESTING for value in graph.objects(node, predicate)] for node in nodes}
    for walk in walks(links):
        if walk.circle:
            chain = " → ".join(local_name(str(node).strip("<>")) for node in (*walk.circle, walk.circle[0]))
            yield walk.node, f"it stands inside itself: {chain}"
        elif walk.height == MOST_NESTED + 1:
            yield walk.node, f"more than {MOST_NESTED} statements and propositions are nested in it"


def propositions_of(graph: Index, statement: Term) -> list[Term]:
    """Return the propositions of a statement in the order of their names (a … z, then aa …)."""
    found = graph.objects(statement, sg("hasProposition"))
    return sorted(found, key=lambda p: (len(local_name(str(p))), str(p)))


def read_statement(graph: Index, statement: Term) -> list[str]:
    """Return the propositions of a statement as sentences, one each."""
    return [read_proposition(graph, p) for p in propositions_of(graph, statement)]
