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
    (sg("rank"), "rank: {}"),
    (sg("ranks"), "of which: {}"),
    (sg("onScale"), "scale: {}"),
    (sg("rankedAmong"), "among: {}"),
    (sg("comparison"), "compared: {}"),
    (sg("comparedWith"), "as against: {}"),
    (sg("trend"), "trend: {}"),
    (sg("phase"), "phase: {}"),
    (sg("intensity"), "force: {}"),
    (sg("degree"), "degree: {}"),
    (sg("distribution"), "the group: {}"),
    (sg("limitedTo"), "only as to: {}"),
    (sg("reserve"), "reserve: {}"),
    (sg("manner"), "manner: {}"),
    (sg("attribute"), "done in a way that is: {}"),
    (sg("frequency"), "how often: {}"),
    (sg("hasTime"), "when: {}"),
    (sg("hasQuantity"), "how many: {}"),
    (sg("inPlace"), "where: {}"),
    (sg("fromPlace"), "from where: {}"),
    (sg("toPlace"), "to where: {}"),
    (sg("inForum"), "forum: {}"),
    (sg("coAgent"), "together with: {}"),
    (sg("addressee"), "directed at: {}"),
    (sg("beneficiary"), "of or for: {}"),
    (sg("holdsFor"), "holds for: {}"),
    (sg("concerning"), "as regards: {}"),
    (sg("means"), "by means of: {}"),
    (sg("inAccordanceWith"), "in accordance with: {}"),
    (sg("purpose"), "in order that: {}"),
    (sg("underCondition"), "on condition that: {}"),
    (sg("despite"), "in spite of: {}"),
    (sg("regardlessOf"), "regardless of: {}"),
    (sg("ratherThan"), "rather than: {}"),
    (sg("inAdditionTo"), "on top of: {}"),
    (sg("alternativeTo"), "or else: {}"),
    (sg("singledOut"), "singled out: {}"),
    (sg("openListPhrase"), "open list: {}"),
    (sg("nothingFits"), "nothing fits: {}"),
    (sg("describes"), "that is: {}"),
    (sg("wording"), "in words: {}"),
)
"""The qualifiers of a proposition in the order in which they are read, with their wording."""

PARTS: tuple[tuple[NamedNode, str], ...] = (
    (sg("namedEntity"), "named {}"),
    (sg("ofKind"), "{}"),
    (sg("putativeKind"), "said to be {}"),
    (sg("quantifier"), "{}"),
    (sg("hasQuantity"), "{}"),
    (sg("ordinal"), "number {}"),
    (sg("rank"), "{}"),
    (sg("onScale"), "on the scale {}"),
    (sg("rankedAmong"), "among {}"),
    (sg("comparison"), "{}"),
    (sg("comparedWith"), "than {}"),
    (sg("trend"), "{}"),
    (sg("intensity"), "{}"),
    (sg("degree"), "degree: {}"),
    (sg("attribute"), "{}"),
    (sg("putativeAttribute"), "said to be {}"),
    (sg("reserve"), "{}"),
    (sg("status"), "{}"),
    (sg("agent"), "by {}"),
    (sg("coAgent"), "together with {}"),
    (sg("patient"), "done to {}"),
    (sg("topic"), "of or about {}"),
    (sg("possessor"), "whose: {}"),
    (sg("otherThan"), "other than {}"),
    (sg("hasMember"), "namely {}"),
    (sg("distribution"), "{}"),
    (sg("antecedent"), "that is {}"),
    (sg("antecedentKind"), "of the sort of {}"),
    (sg("inPlace"), "in {}"),
    (sg("fromPlace"), "from {}"),
    (sg("toPlace"), "to {}"),
    (sg("inForum"), "in {}"),
    (sg("hasTime"), "when: {}"),
    (sg("frequency"), "how often: {}"),
    (sg("manner"), "manner: {}"),
    (sg("concerning"), "as regards {}"),
    (sg("inAccordanceWith"), "in accordance with {}"),
    (sg("purpose"), "in order that {}"),
    (sg("means"), "by means of {}"),
    (sg("restrictedBy"), "such that {}"),
    (sg("openListPhrase"), "open list: {}"),
    (sg("nothingFits"), "nothing fits {}"),
)
"""What a referent or described situation says in structure, in the order in which it is read."""

_DESCRIBES = sg("describes")
_OPEN = sg("openListPhrase")
_TIMES = ((sg("after"), "after {}"), (sg("before"), "before {}"), (sg("during"), "during {}"))

MOST_NESTED = 20
"""So deep may statements and propositions be nested in each other; real ones are four deep."""

_SIDEWAYS = (sg("alternativeTo"), sg("limitedTo"), sg("ranks"), sg("restrictedBy"))
"""Links that may lead back: alternatives name each other, a limit or rank names a part of its own proposition."""

NESTING = (
    sg("reports"),
    sg("hasProposition"),
    sg("subject"),
    sg("object"),
    sg("counts"),
    *dict.fromkeys(link for link, _ in (*QUALIFIERS, *PARTS, *_TIMES) if link not in _SIDEWAYS),
)
"""What puts one part of a claim inside another."""

_FORMS = re.compile(r"\[([^|\]]*)\|([^|\]]*)\|([^|\]]*)\|([^|\]]*)\]")
_PLACE = re.compile(r"\{subject\}|\{object\}")
_AUXILIARIES = {"is": "are", "has": "have", "does": "do"}
_QUESTION_WORDS = {"how", "what", "when", "where", "which", "who", "whom", "whose", "why"}
_NEED = re.compile(r" (need|have) to\b")
_MODAL_WORDS = {"could", "can", "may", "might", "should", "must", "will", "would", "shall"}
_TENSED = (sg("asserted"), sg("hypothetical"), sg("restrictive"), sg("in-question"), None)


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


@dataclass(frozen=True)
class _Walk:
    """Where a reading stands: the nodes around it, and what was told in full before."""

    passed: frozenset[Term]
    told: set[Term]

    def into(self, *nodes: Term) -> _Walk:
        return _Walk(self.passed.union(nodes), self.told)


def read_proposition(graph: Index, proposition: Term) -> str:
    """Return a proposition as an English sentence.

    One without a subject is read in the passive; a done onset (“has become”) is read as holding now. A referent or
    situation is told in full where it comes first and named where it comes again. A node that comes up within itself
    (two alternatives name each other) or more than ``MOST_NESTED`` deep is left out with an ellipsis;
    :func:`ill_nested` finds both.
    """
    sentence = _sentence(graph, proposition, _Walk(frozenset(), set()))
    return sentence[:1].upper() + sentence[1:] + "."


def _sentence(graph: Index, proposition: Term, around: _Walk) -> str:
    walk = around.into(proposition)
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
    if subject is None and verb.base != "be":
        tail = after.replace("{object}", " ")
        before, verb, after = "{object} ", _BE, f" {verb.participle} {tail}"
    leads = value if subject is None else subject
    plural = leads is not None and _is_plural(graph, leads)
    sentence = before + _verb_phrase(graph, proposition, verb, plural=plural) + after
    nouns = {"{subject}": _noun(graph, subject, walk) or "∅", "{object}": _noun(graph, value, walk)}
    sentence = _PLACE.sub(lambda place: nouns[place[0]], sentence)
    described = set(graph.objects(proposition, _DESCRIBES)) <= {subject, value}
    links = [pair for pair in QUALIFIERS if not (described and pair[0] == _DESCRIBES)]
    extras = _stage(graph, proposition) + _read(graph, proposition, links, walk)
    if extras:
        sentence += " (" + "; ".join(extras) + ")"
    if graph.value(proposition, sg("modality")) == sg("in-question"):
        sentence = f"{_question_word(graph, proposition)} {sentence}"
    return re.sub(r" {2,}", " ", sentence).strip()


def _stage(graph: Index, proposition: Term) -> list[str]:
    """Return the status of a proposition where no tense of its verb tells it."""
    status = graph.value(proposition, sg("status"))
    told = status is None or status in (sg("done"), sg("ongoing"), sg("unspecified"))
    return [] if told else [f"stage: {_noun(graph, status, _Walk(frozenset(), set()))}"]


def _question_word(graph: Index, proposition: Term) -> str:
    """Return the printed word by which an indirect question asks, or else “whether”."""
    first = (graph.text(proposition, sg("wording")) or "").lower().partition(" ")[0]
    return first if first in _QUESTION_WORDS else "whether"


_BE = Verb("is", "be", "being", "been")


def _verb_phrase(graph: Index, proposition: Term, verb: Verb, *, plural: bool) -> str:
    modality = graph.value(proposition, sg("modality"))
    negative = graph.value(proposition, sg("polarity")) == sg("negative")
    status = graph.value(proposition, sg("status"))
    no = " not" if negative else ""
    printed = (graph.text(proposition, sg("modalWord")) or "").lower()
    if modality in _TENSED and not (printed and modality == sg("in-question")):
        begun = status == sg("done") and graph.value(proposition, sg("phase")) == sg("onset")
        return _tensed(verb, None if begun else status, plural=plural, negative=negative)
    words = re.findall(r"[a-z]+", printed.replace("cannot", "can"))
    word = next((w for w in words if w in _MODAL_WORDS), None)
    phrase = word or (graph.text(modality, sg("readsAs")) if modality is not None else None) or ""
    if word and (need := _NEED.search(printed)):
        phrase = word + need[0]
    first, _, rest = phrase.partition(" ")
    if first not in _MODAL_WORDS and plural:
        first = _AUXILIARIES.get(first, first.removesuffix("s"))
    perfect = f"have {verb.participle}" if status == sg("done") and first in _MODAL_WORDS else verb.base
    return " ".join(filter(None, [first + no, rest, perfect])).replace("can not", "cannot")


def _tensed(verb: Verb, status: Term | None, *, plural: bool, negative: bool) -> str:
    def agree(word: str) -> str:
        return _AUXILIARIES[word] if plural else word

    no = " not" if negative else ""
    if status == sg("done"):
        return f"{agree('has')}{no} {verb.participle}"
    if status == sg("ongoing") and verb.base not in ("be", "have"):
        return f"{agree('is')}{no} {verb.gerund}"
    if verb.present in ("is", "has"):
        return agree(verb.present) + no
    if negative:
        return f"{agree('does')} not {verb.base}"
    return verb.base if plural else verb.present


def _read(graph: Index, node: Term, links: Iterable[tuple[NamedNode, str]], walk: _Walk) -> list[str]:
    """Return what ``node`` says by ``links``, a piece a link, in their order."""
    out = []
    for link, wording in links:
        values = [v for v in graph.objects(node, link) if v not in walk.passed]
        if link == _OPEN and not values and _is_true(graph.value(node, sg("openList"))):
            out.append("among others")
        if values:
            out.append(wording.format(" + ".join(_noun(graph, v, walk) for v in values)))
    return out


def _noun(graph: Index, term: Term | None, walk: _Walk) -> str:  # noqa: PLR0911 - one return a kind
    if term is None:
        return ""
    if isinstance(term, Literal):
        return term.value if term.datatype.value.endswith("#integer") else f"“{term.value}”"
    types = graph.types(term)
    if term in walk.passed or len(walk.passed) > MOST_NESTED:
        return "[…]"
    if PROPOSITION in types:
        return f"[{_sentence(graph, term, walk)}]"
    inner = walk.into(term)
    printed = graph.text(term, sg("asPrinted"))
    name = f"“{printed}”" if printed else graph.label(term)
    if SITUATION in types or any(t in REFERENTS for t in types):
        if SITUATION in types:
            name = f"‹{name}›"
        if term in walk.told:
            return name
        walk.told.add(term)
        return _with_parts(name, _read(graph, term, PARTS, inner))
    if sg("Quantity") in types:
        counted = " + ".join(_noun(graph, c, inner) for c in graph.objects(term, sg("counts")) if c not in walk.passed)
        return name + (f" of {counted}" if counted else "")
    if sg("TimeQualifier") in types:
        return _with_parts(name, _read(graph, term, _TIMES, inner))
    return graph.label(term)


def _with_parts(name: str, parts: list[str]) -> str:
    return f"{name} ⟨{'; '.join(parts)}⟩" if parts else name


def _is_plural(graph: Index, term: Term) -> bool:
    if sg("ActorGroup") in graph.types(term):
        return True
    return _is_true(graph.value(term, sg("plural")))


def _is_true(mark: Term | None) -> bool:
    return isinstance(mark, Literal) and mark.value == "true"


def ill_nested(graph: Index, nodes: Iterable[Term]) -> Iterator[tuple[Term, str]]:
    """Yield each of ``nodes`` that stands inside itself or has more than ``MOST_NESTED`` levels in it, and which."""
    links = {
        node: [(v, 1) for link in NESTING for v in graph.objects(node, link) if not _has_quantity(graph, v, link, node)]
        for node in nodes
    }
    for walk in walks(links):
        if walk.circle:
            chain = " → ".join(local_name(str(node).strip("<>")) for node in (*walk.circle, walk.circle[0]))
            yield walk.node, f"it stands inside itself: {chain}"
        elif walk.height == MOST_NESTED + 1:
            yield walk.node, f"more than {MOST_NESTED} statements and propositions are nested in it"


def _has_quantity(graph: Index, value: Term, link: NamedNode, node: Term) -> bool:
    """Tell whether ``link`` leads from a quantity back to what has it: ten weapons are weapons, counted as ten."""
    return link == sg("counts") and node in graph.objects(value, sg("hasQuantity"))


def propositions_of(graph: Index, statement: Term) -> list[Term]:
    """Return the propositions of a statement in the order of their names (a … z, then aa …)."""
    found = graph.objects(statement, sg("hasProposition"))
    return sorted(found, key=lambda p: (len(local_name(str(p))), str(p)))


def read_statement(graph: Index, statement: Term) -> list[str]:
    """Return the propositions of a statement as sentences, one each."""
    return [read_proposition(graph, p) for p in propositions_of(graph, statement)]
