"""What changed between two versions, in words: terms and axioms, entities, statements, propositions, notes."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from itertools import combinations
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from spacegov.answers.readback import read_proposition
from spacegov.errors import SpacegovError
from spacegov.names import DCTERMS, DOCUMENT, ENT, OWL, RDF, RDFS, REL, SG, prefixes_for, shorten
from spacegov.project import MARKER
from spacegov.rdf.graph import DEFINITION, LABEL, SUBCLASS, TYPE, Index, Term, index, sg
from spacegov.rdf.turtle import parse_file

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

FOLDERS = ("ontology", "data")
"""The folders of a project whose Turtle files are compared."""

_RELEASE = re.compile(r"v\d+\.\d+\.\d+")


def _owl(local: str) -> NamedNode:
    return NamedNode(OWL + local)


_REPLACED = NamedNode(DCTERMS + "isReplacedBy")
_DEPRECATED = _owl("deprecated")
_DISJOINT = _owl("disjointWith")
_AXIOMS: dict[NamedNode, str] = {
    TYPE: "of the class {}",
    SUBCLASS: "a kind of {}",
    NamedNode(RDFS + "subPropertyOf"): "a special case of {}",
    _owl("equivalentClass"): "defined as {}",
    _owl("equivalentProperty"): "the same as {}",
    _DISJOINT: "disjoint with {}",
    NamedNode(RDFS + "domain"): "of subjects that are {}",
    NamedNode(RDFS + "range"): "of values that are {}",
    _owl("inverseOf"): "the inverse of {}",
    _owl("propertyChainAxiom"): "implied by the chain {}",
    _owl("propertyDisjointWith"): "disjoint with {}",
    _owl("disjointUnionOf"): "divided without rest into {}",
    _owl("hasKey"): "told apart by {}",
    _owl("sameAs"): "the same as {}",
}
_PREFIXED = {_owl("complementOf"): "not", _owl("inverseOf"): "the inverse of"}
"""What stands before the one value of an anonymous class or property."""

_QUANTIFIERS = {
    "someValuesFrom": "some",
    "allValuesFrom": "only",
    "hasValue": "the value",
    "hasSelf": "itself:",
    "qualifiedCardinality": "exactly",
    "minQualifiedCardinality": "at least",
    "maxQualifiedCardinality": "at most",
    "cardinality": "exactly",
    "minCardinality": "at least",
    "maxCardinality": "at most",
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


@dataclass(frozen=True)
class Version:
    """A version's triples under the name that a person gave it."""

    name: str
    triples: tuple[Triple, ...]

    @cached_property
    def graph(self) -> Index:
        """The triples, indexed."""
        return index(self.triples)

    @cached_property
    def things(self) -> dict[str, str]:
        """Each IRI that is described → what kind of thing it is, one of the kinds in :data:`GROUPS`."""
        found = {}
        for subject in self.graph.forward:
            if isinstance(subject, NamedNode):
                kind = _kind(self.graph, subject)
                if kind:
                    found[subject.value] = kind
        return found

    @cached_property
    def disjoint(self) -> frozenset[tuple[str, str]]:
        """Every pair of terms said to be disjoint, alone or in a list, the lesser IRI first."""
        pairs: list[tuple[Term, ...]] = [(t.subject, t.object) for t in self.triples if t.predicate == _DISJOINT]
        for group in self.graph.subjects(TYPE, _owl("AllDisjointClasses")):
            for members in self.graph.objects(group, _owl("members")):
                pairs.extend(combinations(_members(self.graph, members), 2))
        named = ((a.value, b.value) for a, b in pairs if isinstance(a, NamedNode) and isinstance(b, NamedNode))
        return frozenset((min(pair), max(pair)) for pair in named)


def _kind(graph: Index, node: NamedNode) -> str:
    row = graph.forward[node]
    iri = node.value
    if _owl("Ontology") in row.get(TYPE, []):
        return "versions"
    if iri.startswith((SG, REL)):
        return "terms" if TYPE in row else ""
    if iri.startswith(ENT):
        return "entities"
    if not iri.startswith(DOCUMENT):
        return ""
    for sign, kind in (("quotation", "statements"), ("relation", "propositions"), ("concerns", "editorial notes")):
        if sg(sign) in row:
            return kind
    return "details of the text"


def read_version(name: str, root: Path, beside: str | None = None) -> Version:
    """Return the version called ``name``: a Turtle file, a folder, or a git revision of the project at ``root``.

    Of a project's folder or revision the Turtle files below ontology/ and data/ are read, of any other folder
    all. Where ``beside``, the name of the other version, is one file of the project, only that file is read. Raises
    SpacegovError, with near names, where ``name`` is neither, and for a file that is not Turtle.
    """
    path = Path(name)
    only = _file_of(beside, root) if beside is not None else None
    if path.is_file():
        return Version(name, parse_file(path).triples)
    if path.is_dir():
        return Version(name, _read_folder(path, only, name))
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}").strip()
    if not commit:
        raise _unknown(name, root)
    with tempfile.TemporaryDirectory(prefix="spacegov-diff-") as folder:
        _unpack(root, commit, Path(folder))
        try:
            return Version(name, _read_folder(Path(folder), only, name))
        except SpacegovError as error:
            where = error.where.replace(f"{folder}/", f"{name}:")
            raise SpacegovError(error.what, where=where, mend="name a version whose files can be read") from error


def _file_of(name: str, root: Path) -> Path | None:
    path = Path(name)
    if not path.is_file() or not path.resolve().is_relative_to(root.resolve()):
        return None
    return path.resolve().relative_to(root.resolve())


def _read_folder(folder: Path, only: Path | None, name: str) -> tuple[Triple, ...]:
    if only is not None:
        files = [folder / only]
        if not files[0].is_file():
            raise SpacegovError(f"this version has no file {only}", where=name, mend="name two files, or two versions")
    elif (folder / MARKER).is_file():
        files = [file for part in FOLDERS for file in sorted((folder / part).rglob("*.ttl"))]
    else:
        files = sorted(folder.rglob("*.ttl"))
    files = [file for file in files if not file.name.startswith(".")]
    if not files:
        raise SpacegovError("the version has no Turtle files", where=name, mend="name a project's folder or revision")
    return tuple(t for file in files for t in parse_file(file).triples)


def _unpack(root: Path, commit: str, folder: Path) -> None:
    """Write the Turtle files of a commit into ``folder``, as they stood."""
    there = [part for part in FOLDERS if part in _git(root, "ls-tree", "--name-only", commit, *FOLDERS).split()]
    if not there:
        return
    with tarfile.open(fileobj=io.BytesIO(_git_bytes(root, "archive", commit, *there))) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() and member.name.endswith(".ttl") else None
            if content is not None:
                path = folder / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.read())


def _git(root: Path, *arguments: str) -> str:
    return _git_bytes(root, *arguments).decode("utf-8", "replace")


def _git_bytes(root: Path, *arguments: str) -> bytes:
    """Return what git prints, nothing where it fails, is not installed, or ``root`` is in no repository."""
    command = ["git", "-C", str(root), *arguments]
    try:
        run = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - a list, and no shell
    except OSError:
        return b""
    return run.stdout if run.returncode == 0 else b""


def _unknown(name: str, root: Path) -> SpacegovError:
    known = _git(root, "for-each-ref", "--format=%(refname:short)").split()
    parent = Path(name).parent
    if parent.is_dir():
        known += [str(parent / entry.name) for entry in parent.iterdir() if not entry.name.startswith(".")]
    close = get_close_matches(name, known, 3, 0.5)
    hint = f"did you mean {' or '.join(close)}? " if close else ""
    return SpacegovError(
        f"{name!r} is no file, no folder and no git revision of {root}",
        mend=hint + "“git tag” and “git log” list the revisions",
    )


def last_release(root: Path) -> str | None:
    """Return the highest tag vX.Y.Z before the current commit, None without one or outside a repository."""
    tags = _git(root, "tag", "--merged", "HEAD", "--sort=-v:refname").split()
    return next((tag for tag in tags if _RELEASE.fullmatch(tag)), None)


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
    return ", ".join(graph.label(t) for t in graph.types(node) if t != _owl("NamedIndividual"))


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
        was = {_read(old.graph, v, str): v for v in before.get(predicate, [])}
        now = {_read(new.graph, v, str): v for v in after.get(predicate, [])}
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
            if delta.predicate != _DISJOINT:
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
    return _AXIOMS[predicate].format(_read(graph, value, graph.label))


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
    was = " | ".join(_read(delta.old, v, lambda t: _shown(delta.old, t)) for v in delta.gone)
    now = " | ".join(_read(delta.new, v, lambda t: _shown(delta.new, t)) for v in delta.came)
    name = delta.new.label(delta.predicate)
    if was and now:
        return f"{name}: {was} → {now}", was, now
    return (f"{name}: added {now}" if now else f"{name}: took out {was}"), was, now


def _read(graph: Index, node: Term, name: Callable[[Term], str]) -> str:
    """Return a value in words, a class expression or a list in full, its names as ``name`` gives them."""
    if not isinstance(node, BlankNode):
        return name(node)
    row = graph.forward.get(node, {})
    for local, joint in (("intersectionOf", " and "), ("unionOf", " or "), ("oneOf", ", ")):
        for members in row.get(_owl(local), []):
            return "(" + joint.join(sorted(_read(graph, m, name) for m in _members(graph, members))) + ")"
    if _owl("onProperty") in row:
        return _restriction(graph, row, name)
    if NamedNode(RDF + "first") in row:
        return " · ".join(_read(graph, m, name) for m in _members(graph, node))
    pairs = [(p, v) for p, values in row.items() for v in values if p != TYPE]
    return "; ".join(sorted(f"{_PREFIXED.get(p, name(p))} {_read(graph, v, name)}" for p, v in pairs))


def _restriction(graph: Index, row: dict[NamedNode, list[Term]], name: Callable[[Term], str]) -> str:
    words = [_read(graph, row[_owl("onProperty")][0], name)]
    for local, word in _QUANTIFIERS.items():
        words += [f"{word} {_read(graph, value, name)}" for value in row.get(_owl(local), [])]
    for local in ("onClass", "onDataRange"):
        words += [_read(graph, value, name) for value in row.get(_owl(local), [])]
    return " ".join(words)


def _members(graph: Index, head: Term) -> list[Term]:
    found: list[Term] = []
    first, rest = NamedNode(RDF + "first"), NamedNode(RDF + "rest")
    while graph.objects(head, first):
        found.append(graph.objects(head, first)[0])
        head = graph.objects(head, rest)[0]
    return found


def _shown(graph: Index, node: Term) -> str:
    if not isinstance(node, Literal):
        return graph.label(node)
    language = f" ({node.language})" if node.language and node.language != "en" else ""
    return f"“{node.value}”{language}"


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
