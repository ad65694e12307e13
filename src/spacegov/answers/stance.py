"""Who is for or against what: stances computed from propositions, never entered (docs/claims.md, section 12)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pyoxigraph import NamedNode

from spacegov.answers.kinds import top_kinds
from spacegov.names import RDFS, REL
from spacegov.rdf.graph import SUBCLASS, Index, Term, sg

DIRECT = ("demand", "undertaking", "blame", "attitude", "conduct", "assessment")
"""The bases of a stance that is said; the remaining one, ``consequence``, is drawn from two statements."""

_SIGN: dict[Term | None, int] = {sg("favourable"): 1, sg("conveying"): 1, sg("adverse"): -1}
_DEMANDED = {sg("recommended"), sg("required"), sg("called-for")}
_UNDERTAKEN = {sg("intended"), sg("offered")}
_HELD_TRUE = {sg("asserted"), sg("possible"), sg("predicted")}
_SIDE_CONDITIONS = (sg("underCondition"), sg("despite"), sg("regardlessOf"))
_QUALIFYING = (sg("underCondition"), sg("alternativeTo"), sg("reserve"))
_NARROWING = tuple(
    sg(name)
    for name in (
        *("restrictedBy", "attribute", "possessor", "otherThan", "ordinal", "rank", "comparison", "topic"),
        *("agent", "patient", "inPlace", "fromPlace", "toPlace", "hasQuantity"),
    )
)
"""What makes a referent or situation less than all of its kind."""
_INCLUDES = NamedNode(REL + "includes")
_IDENTIFYING = (sg("antecedent"), sg("namedEntity"))
_TAKING_UP = (sg("antecedent"), sg("antecedentKind"), sg("namedEntity"))
_DEPTH = 5
_ACTS = ("Proposal", "Accusation")
_FAMILIES = (
    *("Stance", "Sentiment", "Undertaking", "Directive", "Endeavour", "Attitude", "Conduct", "Effect", "Norm"),
    *("Predication", "Valuation", "Dependence", "Condition", "Endangering"),
    *("Coercion", "Interaction", "Furthering", "Making", "Performance", "Handling"),
)


@dataclass(frozen=True)
class Stance:
    """One row: ``holder`` is for (``sign`` 1) or against (-1) ``target``, as ``speaker`` says in ``proposition``.

    ``basis`` is one of :data:`DIRECT` or ``consequence``. ``proposition`` is the one whose slot holds the target;
    ``statement`` puts it forward. ``qualified`` marks a condition, an alternative, a reserve or an attenuated
    intensity; ``partial`` a kind of which words narrow down what is meant: the side is taken on some of the kind.
    """

    speaker: Term
    holder: Term
    target: Term
    sign: int
    basis: str
    qualified: bool
    partial: bool
    statement: Term
    proposition: Term


@dataclass(frozen=True)
class Cell:
    """What the rows on one holder and target come to.

    ``verdict`` is ``favours``, ``opposes`` or ``both``; ``partial`` where it is on some of the kind only;
    ``by_consequence`` where no row is direct; ``according`` where only others tell it of the holder; ``qualified``
    where every row is. ``rows`` are those that decide.
    """

    verdict: str
    partial: bool
    by_consequence: bool
    according: bool
    qualified: bool
    rows: tuple[Stance, ...]


@dataclass(frozen=True)
class _Origin:
    """Where a walk started, and what its rows inherit."""

    statement: Term
    speaker: Term
    holder: Term
    acts: frozenset[str]
    basis: str = ""
    qualified: bool = False
    partial: bool = False
    depth: int = 0


def stances(graph: Index) -> tuple[Stance, ...]:
    """Return the stances in ``graph``, sorted by holder, target, basis and proposition, each once.

    ``graph`` holds claims together with the ontology, of which it needs the orientations, ``sg:hasNoun``, the
    class tree and the generated ``sg:narrowerThan`` and ``sg:builtOn``; it need not be closed. A row says what is
    printed or follows in one step: that there is no row for a holder and a target is never neutrality. The rule is
    section 12 of docs/claims.md.
    """
    onto = _ontology(graph)
    direct = set(_direct(onto))
    return tuple(sorted(direct | set(_consequences(onto, direct)), key=_order))


def cells(rows: Iterable[Stance]) -> dict[tuple[Term, Term], Cell]:
    """Return the verdict for each pair of holder and target that has a row.

    What a holder says of itself goes before what others say of it, direct rows go before consequences, and a
    thing or a whole kind before some of the kind.
    """
    grouped: dict[tuple[Term, Term], list[Stance]] = defaultdict(list)
    for row in rows:
        grouped[row.holder, row.target].append(row)
    return {pair: _cell(found) for pair, found in grouped.items()}


def spoken_of(graph: Index) -> frozenset[tuple[Term, Term]]:
    """Return each pair of a speaker and a thing that its statements put into words.

    It follows ``sg:hasProposition`` and the properties below ``sg:involves``, no hierarchy of notions: with no
    row for the pair, the speaker speaks of the thing and takes no side.
    """
    parts = _below(graph, sg("involves"))
    found: set[tuple[Term, Term]] = set()
    for statement in graph.instances(sg("Statement")):
        seen: set[Term] = set()
        stack = list(graph.objects(statement, sg("hasProposition")))
        while stack:
            term = stack.pop()
            if term not in seen:
                seen.add(term)
                stack.extend(o for part in parts for o in graph.objects(term, part))
        for speaker in graph.objects(statement, sg("madeBy")):
            found.update((speaker, term) for term in seen)
    return frozenset(found)


def _order(row: Stance) -> tuple[str, ...]:
    return (str(row.holder), str(row.target), row.basis, str(row.statement), str(row.proposition), str(row))


def _cell(found: list[Stance]) -> Cell:
    own = [r for r in found if r.holder == r.speaker]
    rows = own or found
    direct = [r for r in rows if r.basis in DIRECT]
    whole = [r for r in direct if not r.partial]
    rows = whole or direct or rows
    signs = {r.sign for r in rows}
    verdict = "both" if len(signs) > 1 else "favours" if signs == {1} else "opposes"
    partial = all(r.partial for r in rows)
    return Cell(verdict, partial, not direct, not own, all(r.qualified for r in rows), tuple(rows))


def _below(graph: Index, top: NamedNode) -> list[NamedNode]:
    seen = {top}
    stack = [top]
    while stack:
        for lower in graph.subjects(NamedNode(RDFS + "subPropertyOf"), stack.pop()):
            if isinstance(lower, NamedNode) and lower not in seen:
                seen.add(lower)
                stack.append(lower)
    return sorted(seen, key=str)


@dataclass(frozen=True)
class _Ontology:
    """The graph, and the parts of the ontology that the walk looks up again and again."""

    graph: Index
    untold: frozenset[Term]
    """What nobody takes a side on: qualities, parts of texts, and kinds that tell nothing."""
    agents: frozenset[Term]
    risks: frozenset[Term]
    limits: frozenset[Term]
    """The kinds of which a side is the other side on the conduct that lies beyond them."""
    occurrences: frozenset[Term]
    roles_for: frozenset[Term]
    """The kinds of which a side is a side on their topic: risks of something, and places for something."""
    bystanders: frozenset[Term]
    """What a kind of conduct may be defined by without acting on it: intents, places and actors."""
    families: dict[str, frozenset[Term]]
    attitudes: frozenset[Term]
    deeds: frozenset[Term]
    about_actors: frozenset[Term]
    acts: dict[str, frozenset[Term]]


def _ontology(graph: Index) -> _Ontology:
    agents = frozenset(graph.descendants(sg("Agent")) | graph.descendants(sg("ActorRole")))
    families = {name: frozenset(graph.instances(sg(name + "Relation"))) for name in _FAMILIES}
    return _Ontology(
        graph,
        top_kinds(graph) | set(graph.instances(sg("Quality"))) | set(graph.instances(sg("TextUnit"))),
        agents,
        frozenset(graph.descendants(sg("Risk"))),
        frozenset(graph.descendants(sg("RedLine"))),
        frozenset(graph.descendants(sg("Occurrence"))),
        frozenset(graph.descendants(sg("Risk")) | graph.descendants(sg("PlaceRole"))),
        agents | graph.descendants(sg("Attitude")) | graph.descendants(sg("Place")),
        families,
        _union(families, "Stance", "Sentiment", "Undertaking", "Directive", "Endeavour"),
        _union(families, "Conduct", "Effect", "Norm"),
        _union(families, "Attitude", "Coercion", "Interaction", "Furthering", "Making", "Performance", "Undertaking"),
        {name: frozenset(graph.instances(sg(name))) for name in _ACTS},
    )


def _union(families: dict[str, frozenset[Term]], *names: str) -> frozenset[Term]:
    return frozenset().union(*(families[name] for name in names))


def _direct(onto: _Ontology) -> Iterator[Stance]:
    for origin, proposition in _put_forward(onto):
        yield from _judge(onto, origin, proposition, 1)


def _put_forward(onto: _Ontology) -> Iterator[tuple[_Origin, Term]]:
    for statement in onto.graph.instances(sg("Statement")):
        acts = frozenset(name for name, members in onto.acts.items() if statement in members)
        content = onto.graph.objects(statement, sg("hasProposition"))
        aside = {v for p in content for prop in _SIDE_CONDITIONS for v in onto.graph.objects(p, prop)}
        for speaker in onto.graph.objects(statement, sg("madeBy")):
            for proposition in content:
                if proposition not in aside:
                    yield _Origin(statement, speaker, speaker, acts), proposition


# 12.1 and 12.3: what is wanted, and by whom


def _judge(onto: _Ontology, told: _Origin, proposition: Term, turn: int) -> Iterator[Stance]:
    relation = onto.graph.value(proposition, sg("relation"))
    for want, who, basis in _wants(onto, told, proposition):
        if not (basis in ("attitude", "conduct") and _says_nothing(onto, proposition, relation)):
            yield from _walk(onto, replace(told, holder=who, basis=basis), proposition, turn * want)
    if _value(onto, proposition, "modality") not in _HELD_TRUE:
        return
    yield from _assess(onto, replace(told, basis="assessment"), proposition, turn)
    if _is_conveying(onto, relation) and told.depth < _DEPTH:
        who = _who_holds(onto, proposition, told.holder)
        acts = told.acts if who == told.holder else frozenset()
        inner = replace(told, holder=who, acts=acts, depth=told.depth + 1)
        for content in _contents(onto, proposition):
            turned = turn * _polarity(onto, proposition)
            yield from _judge(onto, inner, content, turned)


def _who_holds(onto: _Ontology, proposition: Term, holder: Term) -> Term:
    """Return whose view the content of a conveying relation is: the subject's if it is an actor."""
    subject = _value(onto, proposition, "subject")
    if subject is None or not _is_actor(onto, subject):
        return holder
    return holder if _is_self(onto, subject, holder) else _resolved(onto, subject)


def _wants(onto: _Ontology, told: _Origin, proposition: Term) -> list[tuple[int, Term, str]]:
    modality = _value(onto, proposition, "modality")
    relation = onto.graph.value(proposition, sg("relation"))
    subject = _value(onto, proposition, "subject")
    own = subject is not None and _is_self(onto, subject, told.holder)
    holder = told.holder
    if modality in _DEMANDED or ("Proposal" in told.acts and modality == sg("possible")):
        return [(1, holder, "demand")]
    of_another = subject is not None and not own and _is_actor(onto, subject)
    found = []
    if "Accusation" in told.acts and not own and modality in _HELD_TRUE | _UNDERTAKEN:
        found.append((-1, holder, "blame"))
    if modality in _UNDERTAKEN:
        found.append((1, _resolved(onto, subject) if of_another and subject is not None else holder, "undertaking"))
    elif modality == sg("asserted") and subject is not None:
        if relation in onto.attitudes and (own or of_another):
            found.append((1, holder if own else _resolved(onto, subject), "attitude"))
        elif own and relation in onto.deeds:
            found.append((1, holder, "conduct"))
    return found


def _says_nothing(onto: _Ontology, proposition: Term, relation: Term | None) -> bool:
    """Say whether a negation only leaves a side open: “does not oppose, does not plan to, has not agreed on”."""
    if _polarity(onto, proposition) > 0:
        return False
    if relation in onto.families["Endeavour"] | onto.families["Undertaking"]:
        return True
    return _orientation(onto, relation) < 0 and relation in onto.attitudes


# 12.2: along the objects


def _walk(onto: _Ontology, origin: _Origin, proposition: Term, want: int) -> Iterator[Stance]:
    if origin.depth > _DEPTH or want == 0:
        return
    origin = replace(origin, qualified=origin.qualified or _is_qualified(onto, proposition))
    relation = onto.graph.value(proposition, sg("relation"))
    polarity = _polarity(onto, proposition)
    purposes = onto.graph.objects(proposition, sg("purpose")) if polarity > 0 else []
    for value in purposes:
        yield from _towards(onto, origin, proposition, value, want, actors=False)
    if purposes and want < 0 and origin.basis != "blame":
        return  # what is turned down is doing it for that end
    sign = want * polarity * _orientation(onto, relation)
    about_actors = relation in onto.about_actors
    for value in onto.graph.objects(proposition, sg("object")):
        if _is_conveying(onto, relation) and _value(onto, value, "modality") in _HELD_TRUE:
            continue  # that a content be acknowledged is not to want what it tells of
        turn = want * polarity if _asks_how(onto, relation, value) else sign
        yield from _towards(onto, origin, proposition, value, turn, actors=about_actors)
    for value in onto.graph.objects(proposition, sg("describes")):
        yield from _towards(onto, origin, proposition, value, want * polarity, actors=False)
    yield from _towards_subject(onto, origin, proposition, want * polarity)
    for value in onto.graph.objects(proposition, sg("means")) if polarity > 0 and origin.basis != "blame" else ():
        yield from _towards(onto, origin, proposition, value, want, actors=False)
    for value in onto.graph.objects(proposition, sg("ratherThan")):
        turned_down = -want * polarity * _polarity(onto, value)
        yield from _towards(onto, origin, proposition, value, turned_down, actors=False)


def _asks_how(onto: _Ontology, relation: Term | None, value: Term) -> bool:
    """Say whether a question is taken up that seeks only the way: “consider how to” takes the deed as settled."""
    if relation not in onto.families["Handling"] or _value(onto, value, "modality") != sg("in-question"):
        return False
    return any(_is_asked_for(onto, m) for m in onto.graph.objects(value, sg("means")))


def _towards_subject(onto: _Ontology, origin: _Origin, proposition: Term, sign: int) -> Iterator[Stance]:
    subject, relation = _value(onto, proposition, "subject"), _value(onto, proposition, "relation")
    if subject is None:
        return
    if origin.basis != "blame" and _is_main(onto, proposition):
        yield from _towards(onto, origin, proposition, subject, sign, actors=True)
    elif relation in onto.families["Predication"]:
        if origin.basis != "blame":
            yield from _towards(
                onto, origin, proposition, subject, sign * _worth_of_object(onto, proposition), actors=True
            )
    elif relation not in onto.families["Valuation"]:
        fares = onto.graph.value(relation, sg("subjectOrientation")) if relation is not None else None
        yield from _towards(onto, origin, proposition, subject, sign * _SIGN.get(fares, 0), actors=False)


def _is_main(onto: _Ontology, proposition: Term) -> bool:
    """Say whether the subject, and no other part, has the main part in what is said."""
    other = _value(onto, proposition, "ranks")
    return other is None and _value(onto, proposition, "rank") == sg("basic")


def _towards(
    onto: _Ontology, origin: _Origin, proposition: Term, value: Term, sign: int, *, actors: bool
) -> Iterator[Stance]:
    if sign == 0:
        return
    for target, turn, narrowed in _targets(onto, value, actors, blame=origin.basis == "blame"):
        if _is_proposition(onto, target):
            inner = replace(origin, partial=origin.partial or narrowed, depth=origin.depth + 1)
            yield from _walk(onto, inner, target, sign * turn)
        elif target not in onto.untold:
            yield Stance(
                origin.speaker,
                origin.holder,
                target,
                sign * turn,
                origin.basis,
                origin.qualified,
                origin.partial or narrowed,
                origin.statement,
                proposition,
            )


# 12.4


def _assess(onto: _Ontology, origin: _Origin, proposition: Term, turn: int) -> Iterator[Stance]:
    subject = _value(onto, proposition, "subject")
    relation = onto.graph.value(proposition, sg("relation"))
    if subject is None or relation is None:
        return
    if relation in onto.families["Valuation"]:
        worth = _SIGN.get(onto.graph.value(relation, sg("subjectOrientation")), 0) or _worth_of_object(
            onto, proposition
        )
    elif relation in onto.families["Predication"]:
        worth = _worth_of_object(onto, proposition)
    else:
        return
    origin = replace(origin, qualified=_is_qualified(onto, proposition))
    sign = turn * _polarity(onto, proposition) * worth
    yield from _towards(onto, origin, proposition, subject, sign, actors=False)


def _worth_of_object(onto: _Ontology, proposition: Term) -> int:
    """Return what the quality, role or kind in the object says for (1) or against (-1) whatever has it, or 0."""
    for value in onto.graph.objects(proposition, sg("object")):
        worth = _worth(onto, value)
        if worth:
            return worth
    return 0


def _worth(onto: _Ontology, value: Term) -> int:
    """Return the orientation of a quality, role or kind, or of a referent's kind; the nearest wider one decides."""
    level = [value, *onto.graph.objects(value, sg("ofKind"))]
    seen: set[Term] = set()
    while level:
        signs = {_SIGN.get(o, 0) for kind in level for o in onto.graph.objects(kind, sg("orientation"))}
        if signs:
            return signs.pop() if len(signs) == 1 else 0
        seen.update(level)
        level = [w for kind in level for w in onto.graph.objects(kind, SUBCLASS) if w not in seen]
    return 0


# 12.5


def _consequences(onto: _Ontology, direct: set[Stance]) -> Iterator[Stance]:
    sides = cells(direct)
    known = {pair: c.rows[0].sign for pair, c in sides.items() if c.verdict != "both" and not c.partial}
    for told, proposition in _put_forward(onto):
        for who, inner, turn in _held_true(onto, told.holder, proposition, 1, 0):
            origin = replace(told, holder=who, basis="consequence")
            for row in _consequence(onto, origin, inner, turn, known):
                if (row.holder, row.target) not in sides:
                    yield row


def _held_true(
    onto: _Ontology, holder: Term, proposition: Term, turn: int, depth: int
) -> Iterator[tuple[Term, Term, int]]:
    if _value(onto, proposition, "modality") not in _HELD_TRUE or depth > _DEPTH:
        return
    yield holder, proposition, turn
    if _is_conveying(onto, onto.graph.value(proposition, sg("relation"))):
        who = _who_holds(onto, proposition, holder)
        for content in _contents(onto, proposition):
            yield from _held_true(onto, who, content, turn * _polarity(onto, proposition), depth + 1)


def _consequence(
    onto: _Ontology, origin: _Origin, proposition: Term, turn: int, known: dict[tuple[Term, Term], int]
) -> Iterator[Stance]:
    relation = onto.graph.value(proposition, sg("relation"))
    subject = _value(onto, proposition, "subject")
    if relation is None or subject is None or _is_actor(onto, subject):
        return
    origin = replace(origin, qualified=_is_qualified(onto, proposition))
    sign = turn * _polarity(onto, proposition)
    if relation in onto.families["Condition"]:
        for value in onto.graph.objects(proposition, sg("object")):
            worth = _known(onto, origin.holder, subject, known, 0)
            yield from _towards(onto, origin, proposition, value, sign * worth, actors=False)
    elif relation in onto.families["Effect"] | onto.families["Dependence"]:
        for value in onto.graph.objects(proposition, sg("object")):
            presumed = _presumed(onto, relation, value)
            worth = _known(onto, origin.holder, value, known, 0) or presumed
            yield from _towards(onto, origin, proposition, value, presumed, actors=False)
            turned = sign * _orientation(onto, relation) * worth
            yield from _towards(onto, origin, proposition, subject, turned, actors=False)


def _presumed(onto: _Ontology, relation: Term, value: Term) -> int:
    """Return the side that the words presume: against a risk, by a kind's orientation, for what is put at risk."""
    if any(k in onto.risks for k in (value, *onto.graph.objects(value, sg("ofKind")))):
        return -1
    return _worth(onto, value) or (1 if relation in onto.families["Endangering"] else 0)


def _known(onto: _Ontology, holder: Term, value: Term, known: dict[tuple[Term, Term], int], depth: int) -> int:
    """Return the side that ``holder`` takes on what fills a slot: 1, -1, or 0 for none or for several."""
    signs = set()
    for target, turn, _ in _targets(onto, value, actors=True):
        if _is_proposition(onto, target):
            if depth < _DEPTH:
                relation = onto.graph.value(target, sg("relation"))
                step = turn * _polarity(onto, target) * _orientation(onto, relation)
                inner = {
                    step * _known(onto, holder, o, known, depth + 1) for o in onto.graph.objects(target, sg("object"))
                }
                signs |= inner
        else:
            signs.add(turn * known.get((holder, target), 0))
    signs.discard(0)
    return signs.pop() if len(signs) == 1 else 0


# 12.6


def _targets(
    onto: _Ontology, value: Term, actors: bool, passed: frozenset[Term] = frozenset(), *, blame: bool = False
) -> Iterator[tuple[Term, int, bool]]:
    """Yield what a stance on ``value`` is a stance on, the sign that it takes there, and whether it is narrowed.

    To blame a test of some craft is to say nothing on such craft at large: under ``blame`` a theme is narrowed that
    the conduct uses, makes or serves.
    """
    if value in passed or value == sg("each-other") or _is_asked_for(onto, value):
        return
    if _is_proposition(onto, value):
        yield value, 1, False
        return
    if not actors and _is_actor(onto, value):
        return
    narrowed = _is_narrowed(onto, value)
    named = onto.graph.objects(value, sg("namedEntity"))
    yield value, 1, False
    if _is_notion(onto, value):
        for theme, turn in _themes(onto, value):
            yield theme, turn, _is_used(onto, value, turn, blame)
    for kind in onto.graph.objects(value, sg("ofKind")):
        if actors or kind not in onto.agents:
            yield kind, 1, narrowed or bool(named)
        for theme, turn in _themes(onto, kind):
            yield theme, turn, narrowed or bool(named) or _is_used(onto, kind, turn, blame)
    taken_up = [o for p in _TAKING_UP for o in onto.graph.objects(value, p)]
    marked = [(o, 1, narrowed and not _is_single(onto, o, named)) for o in taken_up]
    parts = list(onto.graph.objects(value, sg("hasMember")))
    if not _is_notion(onto, value):
        parts += _included(onto, value)
    some = _is_less_than_all(onto, value)
    marked += [(o, 1, some or (narrowed and _is_notion(onto, o))) for o in parts]
    for part, turn, less in (*marked, *_acted_on(onto, value)):
        for target, more, under in _targets(onto, part, actors, passed | {value}, blame=blame):
            yield target, turn * more, less or under


def _included(onto: _Ontology, value: Term) -> Iterator[Term]:
    """Yield what the text says a referent or situation includes: “measures, such as …; these measures include …”."""
    same = (value, *onto.graph.subjects(sg("antecedent"), value))
    for proposition in (p for one in same for p in onto.graph.subjects(sg("subject"), one)):
        if (
            onto.graph.value(proposition, sg("relation")) == _INCLUDES
            and _polarity(onto, proposition) > 0
            and _value(onto, proposition, "modality") == sg("asserted")
        ):
            yield from onto.graph.objects(proposition, sg("object"))


def _is_used(onto: _Ontology, notion: Term, turn: int, blame: bool) -> bool:
    """Say whether blame for conduct of the kind ``notion`` leaves open what the speaker thinks of its theme."""
    return blame and turn > 0 and notion not in onto.risks


def _is_single(onto: _Ontology, value: Term, named: list[Term]) -> bool:
    """Say whether ``value`` is one thing called by its name, which words beside the name describe and do not narrow."""
    return value in named and sg("ActorGroup") not in onto.graph.types(value)


def _is_narrowed(onto: _Ontology, value: Term) -> bool:
    if any(onto.graph.objects(value, prop) for prop in _NARROWING):
        return True
    return _is_less_than_all(onto, value)


def _is_less_than_all(onto: _Ontology, value: Term) -> bool:
    return any(q != sg("all") for q in onto.graph.objects(value, sg("quantifier")))


def _is_asked_for(onto: _Ontology, value: Term) -> bool:
    return sg("which") in onto.graph.objects(value, sg("quantifier"))


def _is_notion(onto: _Ontology, term: Term) -> bool:
    return sg("Notion") in onto.graph.types(term)


def _acted_on(onto: _Ontology, value: Term) -> Iterator[tuple[Term, int, bool]]:
    """Yield what a situation is done to, what a risk is the risk of and what a limit rules out, with the sign there."""
    for kind in onto.graph.objects(value, sg("ofKind")):
        for turn in {_orientation(onto, r) for r in _relations_named_by(onto, kind)} - {0}:
            for patient in onto.graph.objects(value, sg("patient")):
                yield patient, turn, False
        for topic in onto.graph.objects(value, sg("topic")):
            if kind in onto.roles_for:
                yield topic, 1, False
            elif kind in onto.limits and _is_occurrence(onto, topic):
                yield topic, -1, False


def _themes(onto: _Ontology, notion: Term) -> Iterator[tuple[Term, int]]:
    """Yield what a notion is built on, with the sign that a side on the notion takes there."""
    turns = {1} if notion in onto.risks else {_orientation(onto, r) for r in _relations_named_by(onto, notion)}
    turns.discard(0)
    if len(turns) == 1:
        for theme in onto.graph.objects(notion, sg("builtOn")):
            if theme not in onto.bystanders:
                yield theme, min(turns)


def _relations_named_by(onto: _Ontology, notion: Term) -> list[Term]:
    """Return the relations that ``notion`` names by a noun, or else those that a wider notion names."""
    found = onto.graph.subjects(sg("hasNoun"), notion)
    if found:
        return found
    wider = onto.graph.ancestors(notion)
    return [r for w in sorted(wider, key=str) for r in onto.graph.subjects(sg("hasNoun"), w)]


# small looks


def _value(onto: _Ontology, subject: Term, name: str) -> Term | None:
    return onto.graph.value(subject, sg(name))


def _polarity(onto: _Ontology, proposition: Term) -> int:
    return -1 if onto.graph.value(proposition, sg("polarity")) == sg("negative") else 1


def _orientation(onto: _Ontology, relation: Term | None) -> int:
    own = onto.graph.value(relation, sg("orientation")) if relation is not None else None
    return _SIGN.get(own, 0)


def _is_conveying(onto: _Ontology, relation: Term | None) -> bool:
    return relation is not None and onto.graph.value(relation, sg("orientation")) == sg("conveying")


def _is_proposition(onto: _Ontology, term: Term) -> bool:
    return sg("Proposition") in onto.graph.types(term)


def _is_qualified(onto: _Ontology, proposition: Term) -> bool:
    if any(onto.graph.objects(proposition, prop) for prop in _QUALIFYING):
        return True
    if _polarity(onto, proposition) < 0 and onto.graph.objects(proposition, sg("purpose")):
        return True
    return _value(onto, proposition, "intensity") == sg("attenuated")


def _is_occurrence(onto: _Ontology, term: Term) -> bool:
    return any(kind in onto.occurrences for kind in (term, *onto.graph.objects(term, sg("ofKind"))))


def _contents(onto: _Ontology, proposition: Term) -> list[Term]:
    return [o for o in onto.graph.objects(proposition, sg("object")) if _is_proposition(onto, o)]


def _resolved(onto: _Ontology, subject: Term) -> Term:
    meant = [o for prop in _IDENTIFYING for o in onto.graph.objects(subject, prop)]
    return meant[0] if len(meant) == 1 else subject


def _is_self(onto: _Ontology, subject: Term, speaker: Term) -> bool:
    """Say whether ``subject`` is the speaker, an organ of it, or a referent that takes it up or has it in it."""
    seen: set[Term] = set()
    stack = [subject]
    while stack:
        term = stack.pop()
        if term == speaker:
            return True
        if term not in seen:
            seen.add(term)
            for prop in (*_IDENTIFYING, sg("hasMember"), sg("bodyOf")):
                stack.extend(onto.graph.objects(term, prop))
    return False


def _is_actor(onto: _Ontology, term: Term) -> bool:
    seen: set[Term] = set()
    stack = [term]
    while stack:
        one = stack.pop()
        if one in onto.agents or any(t in onto.agents for t in onto.graph.types(one)):
            return True
        if one not in seen:
            seen.add(one)
            for prop in (sg("ofKind"), *_IDENTIFYING, sg("hasMember")):
                stack.extend(onto.graph.objects(one, prop))
    return False
