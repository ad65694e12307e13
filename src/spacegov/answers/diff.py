"""What changed between two versions, in words: terms and axioms, entities, statements, propositions, notes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import NamedNode

from spacegov.answers.axioms import in_words, owl, shown
from spacegov.answers.readback import read_proposition
from spacegov.answers.versions import DISJOINT, Version
from spacegov.errors import SpacegovError
from spacegov.names import DCTERMS, DOCUMENT, OWL, RDFS, prefixes_for, shorten
from spacegov.rdf.graph import DEFINITION, LABEL, SUBCLASS, TYPE, Index, Term, sg

REMOVED = "terms removed"
"""The group whose changes break what was published."""

GROUPS = (
    "versions",
    REMOVED,
    "terms deprecated",
    "terms added",
    "labels changed",
    "definitions reworded",
    "axioms changed",
    "other notes on terms changed",
    "entities removed",
    "entities added",
    "entities changed",
    "statements removed",
    "statements added",
    "statements renamed",
    "quotations reworded",
    "statements changed",
    "propositions removed",
    "propositions added",
    "propositions changed",
    "editorial notes removed",
    "editorial notes added",
    "editorial notes changed",
    "details of the text removed",
    "details of the text added",
    "details of the text changed",
)
"""Every group of changes, in the order in which they are told."""

_REPLACED = NamedNode(DCTERMS + "isReplacedBy")
_DEPRECATED = owl("deprecated")
_AXIOMS: dict[NamedNode, str] = {
    TYPE: "of the class {}",
    SUBCLASS: "a kind of {}",
    NamedNode(RDFS + "subPropertyOf"): "a special case of {}",
    owl("equivalentClass"): "defined as {}",
    owl("equivalentProperty"): "the same as {}",
    DISJOINT: "disjoint with {}",
    NamedNode(RDFS + "domain"): "of subjects that are {}",
    NamedNode(RDFS + "range"): "of values that are {}",
    owl("inverseOf"): "the inverse of {}",
    owl("propertyChainAxiom"): "implied by the chain {}",
    owl("propertyDisjointWith"): "disjoint with {}",
    owl("disjointUnionOf"): "divided without rest into {}",
    owl("hasKey"): "told apart by {}",
    owl("sameAs"): "the same as {}",
}


@dataclass(frozen=True)
class Change:
    """One change: its group, the IRI and label of what changed, the change in words, old and new text if any."""

    group: str
    iri: str
    label: str
    text: str
    old: str = ""
    new: str = ""


def compare(old: Version, new: Version) -> tuple[Change, ...]:
    """Return what changed from ``old`` to ``new``, in the order of :data:`GROUPS` and of labels."""
    changes = [*_gone(old, new), *_came(old, new), *_disjointness(old, new)]
    for iri in old.things.keys() & new.things.keys():
        changes += _stayed(old, new, NamedNode(iri), new.things[iri])
    changes = _pair_renamed(changes)
    return tuple(sorted(changes, key=lambda c: (GROUPS.index(c.group), c.label.casefold(), c.iri, c.text)))


def removed_terms(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return the changes that delete a term, which must not happen to a published one."""
    return tuple(change for change in changes if change.group == REMOVED)


def _gone(old: Version, new: Version) -> Iterator[Change]:
    heirs = {new.graph.label(NamedNode(i)): i for i in sorted(new.things.keys() - old.things.keys())}
    for iri in old.things.keys() - new.things.keys():
        kind = old.things[iri]
        if kind == "versions":
            yield Change(kind, iri, old.graph.label(NamedNode(iri)), "this module is gone")
            continue
        label, says = old.graph.label(NamedNode(iri)), _says(old.graph, NamedNode(iri), kind)
        if kind == "terms":
            heir = f" ({short(heirs[label])} has its label)" if label in heirs else ""
            text = f"deleted{heir}; keep it, with owl:deprecated true and dcterms:isReplacedBy"
        else:
            text = says
        yield Change(f"{kind} removed", iri, label, text, old=says)


def _came(old: Version, new: Version) -> Iterator[Change]:
    for iri in new.things.keys() - old.things.keys():
        node, kind = NamedNode(iri), new.things[iri]
        says = _says(new.graph, node, kind)
        if kind == "versions":
            yield Change(kind, iri, new.graph.label(node), "this module is new")
        elif kind == "terms" and new.graph.objects(node, _DEPRECATED):
            yield Change("terms added", iri, new.graph.label(node), f"already deprecated: {says}", new=says)
        else:
            yield Change(f"{kind} added", iri, new.graph.label(node), says, new=says)


def _says(graph: Index, node: NamedNode, kind: str) -> str:
    """Return in one line what a thing says: a definition, a quotation, a proposition read back, a note."""
    if kind == "terms":
        return graph.text(node, DEFINITION) or "no definition"
    if kind == "statements":
        return f"“{graph.text(node, sg('quotation'))}”"
    if kind == "propositions":
        return _read_back(graph, node)
    if kind == "editorial notes":
        about = ", ".join(graph.label(n) for n in graph.objects(node, sg("concerns")))
        return f"on {about}: {graph.text(node, sg('noteText')) or _kinds(graph, node)}"
    return _kinds(graph, node)


def _kinds(graph: Index, node: NamedNode) -> str:
    return ", ".join(graph.label(t) for t in graph.types(node) if t != owl("NamedIndividual"))


def _read_back(graph: Index, node: Term) -> str:
    try:
        return read_proposition(graph, node)
    except SpacegovError:  # one file alone, without the relation's template
        parts = [graph.value(node, sg(part)) for part in ("subject", "relation", "object")]
        return " · ".join(graph.label(part) for part in parts if part is not None)


def _pair_renamed(changes: list[Change]) -> list[Change]:
    """Join a removed and an added statement that quote the same words into one change of name."""
    gone = {c.old: c for c in changes if c.group == "statements removed"}
    came = {c.new: c for c in changes if c.group == "statements added"}
    same = gone.keys() & came.keys()
    pairs = {c for words in same for c in (gone[words], came[words])}
    renamed = [
        Change(
            "statements renamed",
            came[words].iri,
            came[words].label,
            f"was {short(gone[words].iri)}: {words}",
            gone[words].iri,
            came[words].iri,
        )
        for words in same
    ]
    return [c for c in changes if c not in pairs] + renamed


def _disjointness(old: Version, new: Version) -> Iterator[Change]:
    """Tell each pair once, at the term that most pairs share."""
    for pairs, graph, words, field in (
        (new.disjoint - old.disjoint, new.graph, "now disjoint with", "new"),
        (old.disjoint - new.disjoint, old.graph, "no longer disjoint with", "old"),
    ):
        kept = {p for p in pairs if (old.things.keys() & new.things.keys()).intersection(p)}
        count = Counter(iri for pair in kept for iri in pair)
        rows: dict[str, list[str]] = {}
        for pair in sorted(kept):
            first, second = sorted(pair, key=lambda iri: (-count[iri], iri))
            rows.setdefault(first, []).append(graph.label(NamedNode(second)))
        for iri, others in rows.items():
            text = f"{words} {', '.join(sorted(others))}"
            yield Change("axioms changed", iri, graph.label(NamedNode(iri)), text, **{field: text})


@dataclass(frozen=True)
class _Delta:
    """The values of one predicate that went from a thing, and those that came."""

    old: Index
    new: Index
    predicate: NamedNode
    gone: tuple[Term, ...]
    came: tuple[Term, ...]


def _deltas(old: Version, new: Version, node: NamedNode) -> Iterator[_Delta]:
    """Yield what differs, predicate by predicate; anonymous classes are compared by what they say."""
    before, after = old.graph.forward[node], new.graph.forward[node]
    for predicate in sorted(before.keys() | after.keys(), key=str):
        was = {in_words(old.graph, v, str): v for v in before.get(predicate, [])}
        now = {in_words(new.graph, v, str): v for v in after.get(predicate, [])}
        gone = tuple(was[k] for k in sorted(was.keys() - now.keys()))
        came = tuple(now[k] for k in sorted(now.keys() - was.keys()))
        if gone or came:
            yield _Delta(old.graph, new.graph, predicate, gone, came)


def _stayed(old: Version, new: Version, node: NamedNode, kind: str) -> Iterator[Change]:
    deltas = list(_deltas(old, new, node))
    if kind == "propositions":
        if deltas:
            yield _proposition(deltas, node)
        return
    if kind == "terms" and {d.predicate for d in deltas} & {_DEPRECATED, _REPLACED}:
        yield _deprecation(new.graph, node)
    for delta in deltas:
        if kind == "terms" and delta.predicate in _AXIOMS:
            if delta.predicate != DISJOINT:
                yield from _axioms(delta, node)
        elif delta.predicate not in _TOLD_ELSEWHERE:
            yield _rewording(delta, node, kind)


def _axioms(delta: _Delta, node: NamedNode) -> Iterator[Change]:
    label = delta.new.label(node)
    for value in delta.came:
        text = f"now {_axiom(delta.new, delta.predicate, value)}"
        yield Change("axioms changed", node.value, label, text, new=text)
    for value in delta.gone:
        text = f"no longer {_axiom(delta.old, delta.predicate, value)}"
        yield Change("axioms changed", node.value, label, text, old=text)


def _axiom(graph: Index, predicate: NamedNode, value: Term) -> str:
    if predicate == TYPE and isinstance(value, NamedNode) and value.value.startswith(OWL):
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", value.value.removeprefix(OWL)).lower()
        return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"
    return _AXIOMS[predicate].format(in_words(graph, value, graph.label))


def _proposition(deltas: list[_Delta], node: NamedNode) -> Change:
    old, new = deltas[0].old, deltas[0].new
    was, now = _read_back(old, node), _read_back(new, node)
    text = f"{was} → {now}" if was != now else f"{now} ({'; '.join(_told(d)[0] for d in deltas)})"
    return Change("propositions changed", node.value, new.label(node), text, was, now)


def _deprecation(graph: Index, node: NamedNode) -> Change:
    label = graph.label(node)
    if not graph.objects(node, _DEPRECATED):
        return Change("terms deprecated", node.value, label, "no longer deprecated")
    heirs = [f"{graph.label(n)} ({short(n.value)})" for n in graph.objects(node, _REPLACED) if isinstance(n, NamedNode)]
    text = f"replaced by {', '.join(heirs)}" if heirs else "deprecated without a replacement"
    return Change("terms deprecated", node.value, label, text, new=", ".join(heirs))


_TOLD_ELSEWHERE = (_DEPRECATED, _REPLACED, sg("hasProposition"))
_GROUP_OF: dict[tuple[str, NamedNode], str] = {
    ("terms", LABEL): "labels changed",
    ("terms", DEFINITION): "definitions reworded",
    ("statements", sg("quotation")): "quotations reworded",
}


def _rewording(delta: _Delta, node: NamedNode, kind: str) -> Change:
    text, was, now = _told(delta)
    group = _GROUP_OF.get((kind, delta.predicate))
    if group:
        text = text.split(": ", 1)[1]
    elif kind == "versions":
        group = kind
    else:
        group = "other notes on terms changed" if kind == "terms" else f"{kind} changed"
    return Change(group, node.value, delta.new.label(node), text, was, now)


def _told(delta: _Delta) -> tuple[str, str, str]:
    """Return a change of values in words, then the old and the new values alone."""
    was = " | ".join(in_words(delta.old, v, lambda t: shown(delta.old, t)) for v in delta.gone)
    now = " | ".join(in_words(delta.new, v, lambda t: shown(delta.new, t)) for v in delta.came)
    name = delta.new.label(delta.predicate)
    if was and now:
        return f"{name}: {was} → {now}", was, now
    return (f"{name}: added {now}" if now else f"{name}: took out {was}"), was, now


_DOCUMENT_NAME = re.compile(re.escape(DOCUMENT) + r"([^/]+)/.")


def short(iri: str) -> str:
    """Return an IRI with its prefix, a document's included."""
    document = _DOCUMENT_NAME.match(iri)
    return shorten(iri, prefixes_for([document[1]] if document else []))


def as_text(old: Version, new: Version, changes: Iterable[Change]) -> str:
    """Return the changes as a text to read: grouped, counted, and what they mean for who uses the old version."""
    changes = tuple(changes)
    out = [f"From {old.name} to {new.name}: {_count(len(changes), 'change')}"]
    for group in GROUPS:
        rows = [c for c in changes if c.group == group]
        if not rows:
            continue
        out += ["", f"{group[0].upper()}{group[1:]} ({len(rows)})"]
        for change in rows:
            name = short(change.iri)
            label = "" if change.label in name else f" “{change.label}”"
            out.append(f"  {name}{label}: {change.text}")
    gone = len(removed_terms(changes))
    out += ["", f"{_count(gone, 'term')} deleted: a published IRI must stay." if gone else "No term was deleted."]
    return "\n".join(out)


def _count(number: int, word: str) -> str:
    return f"{number or 'no'} {word}{'' if number == 1 else 's'}"


def as_json(old: Version, new: Version, changes: Iterable[Change]) -> dict[str, object]:
    """Return the changes for machines: the names of the versions, a count for each group, every change."""
    changes = tuple(changes)
    counted = Counter(c.group for c in changes)
    return {
        "old": old.name,
        "new": new.name,
        "counts": {group: counted[group] for group in GROUPS if counted[group]},
        "removedTerms": [c.iri for c in removed_terms(changes)],
        "changes": [
            {"group": c.group, "iri": c.iri, "label": c.label, "text": c.text, "old": c.old, "new": c.new}
            for c in changes
        ],
    }
