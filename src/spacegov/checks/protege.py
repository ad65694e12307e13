"""What Protégé (the OWL API) would lose, rewrite or add when it saves a file, found without Java.

Each check is one function in :data:`CHECKS`; :func:`findings` runs them all. A file that is clean by all of
them comes back from a save, once formatted, as it was. What the OWL API does was tried with 4.5.22 and
5.1.20; the rest follows OWL 2 Structural Specification (https://www.w3.org/TR/owl2-syntax/), sections 3, 4
and 11, and OWL 2 Mapping to RDF (https://www.w3.org/TR/owl2-mapping-to-rdf/).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from spacegov.names import FIXED_PREFIXES, OWL, RDF, RDFS, XSD, shorten
from spacegov.rdf.graph import FIRST, NIL, REST, TYPE, Node, Term
from spacegov.rdf.turtle import ParsedFile, line_of


def _terms(namespace: str, names: str) -> frozenset[str]:
    return frozenset(namespace + name for name in names.split())


_KINDS = {
    OWL + "ObjectProperty": "object property",
    OWL + "DatatypeProperty": "data property",
    OWL + "AnnotationProperty": "annotation property",
}
_BUILT_IN_ANNOTATIONS = _terms(RDFS, "label comment seeAlso isDefinedBy") | _terms(
    OWL, "versionInfo deprecated priorVersion backwardCompatibleWith incompatibleWith"
)
_BUILT_IN_CLASSES = _terms(OWL, "Thing Nothing")
# Structural Specification, section 4: the datatype map.
_DATATYPES = (
    _terms(OWL, "real rational")
    | _terms(RDFS, "Literal")
    | _terms(RDF, "XMLLiteral PlainLiteral langString")
    | _terms(
        XSD,
        "decimal integer nonNegativeInteger nonPositiveInteger positiveInteger negativeInteger long int short byte "
        "unsignedLong unsignedInt unsignedShort unsignedByte double float string normalizedString token language "
        "Name NCName NMTOKEN boolean hexBinary base64Binary anyURI dateTime dateTimeStamp",
    )
)
_LIST_PROPERTIES = _terms(
    OWL,
    "intersectionOf unionOf oneOf members distinctMembers disjointUnionOf propertyChainAxiom hasKey "
    "withRestrictions onProperties",
)
_UNORDERED = _terms(OWL, "intersectionOf unionOf oneOf members distinctMembers")
_CLASS_BOTH = _terms(RDFS, "subClassOf") | _terms(OWL, "equivalentClass disjointWith complementOf")
_CLASS_OBJECT = _terms(RDFS, "domain range") | _terms(OWL, "someValuesFrom allValuesFrom onClass")
_CLASS_LISTS = _terms(OWL, "intersectionOf unionOf disjointUnionOf")
_FOREIGN_TYPES = {
    RDF + "Property": "an owl:ObjectProperty, owl:DatatypeProperty or owl:AnnotationProperty",
    RDFS + "Class": "an owl:Class",
    RDF + "Statement": "an owl:Axiom with owl:annotatedSource, owl:annotatedProperty and owl:annotatedTarget",
    RDF + "List": "an untyped list",
    OWL + "DataRange": "an rdfs:Datatype",
}
_QUALIFIED = _terms(OWL, "minQualifiedCardinality maxQualifiedCardinality qualifiedCardinality")
_CARDINALITIES = _terms(OWL, "minCardinality maxCardinality cardinality") | _QUALIFIED
_NEEDS_SIMPLE = _terms(OWL, "FunctionalProperty InverseFunctionalProperty IrreflexiveProperty AsymmetricProperty")
_STRING = re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"', re.DOTALL)
_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)


@dataclass(frozen=True)
class Loss:
    """One thing that a save would not keep: the check, what is wrong, the file and line, how to mend it."""

    check: str
    what: str
    path: Path
    line: int | None
    mend: str

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else str(self.path)
        return f"{where}: {self.what}\n  To mend it: {self.mend}"


Found = tuple[Term, str, str]
"""The node that a finding hangs on, what is wrong, how to mend it."""


@dataclass(frozen=True)
class _View:
    """One file, and the triples that it and what it imports hold."""

    file: ParsedFile
    known: tuple[ox.Triple, ...]

    @cached_property
    def kinds(self) -> dict[str, set[str]]:
        """Return IRI → the types that the file and its imports give it."""
        found: dict[str, set[str]] = defaultdict(set)
        for triple in self.known:
            if triple.predicate == TYPE and isinstance(triple.subject, ox.NamedNode):
                found[triple.subject.value].add(_text(triple.object))
        return found

    @cached_property
    def parents(self) -> dict[ox.BlankNode, list[tuple[Node, str]]]:
        """Return blank node → the subjects and predicates that point to it."""
        found: dict[ox.BlankNode, list[tuple[Node, str]]] = defaultdict(list)
        for s, p, o in self.file.triples:
            if isinstance(o, ox.BlankNode):
                found[o].append((s, p.value))
        return found

    @cached_property
    def items(self) -> dict[Term, tuple[Term, Term]]:
        """Return list cell → its first and its rest."""
        first = {t.subject: t.object for t in self.file.triples if t.predicate == FIRST}
        rest = {t.subject: t.object for t in self.file.triples if t.predicate == REST}
        return {cell: (first[cell], rest.get(cell, NIL)) for cell in first}

    def members(self, head: Term) -> list[Term]:
        """Return what the list that starts at ``head`` holds."""
        found: list[Term] = []
        seen: set[Term] = set()
        while isinstance(head, ox.NamedNode | ox.BlankNode) and head in self.items and head not in seen:
            seen.add(head)
            item, head = self.items[head]
            found.append(item)
        return found

    def is_property(self, iri: str, kind: str) -> bool:
        """Tell whether ``iri`` is declared as ``kind`` (``ObjectProperty``, …) or built in as one."""
        if kind == "AnnotationProperty" and iri in _BUILT_IN_ANNOTATIONS:
            return True
        return OWL + kind in self.kinds.get(iri, ())

    def line(self, node: Term) -> int | None:
        """Return the line of the named subject that ``node`` belongs to."""
        seen: set[Term] = set()
        while isinstance(node, ox.BlankNode) and node not in seen and self.parents.get(node):
            seen.add(node)
            node = self.parents[node][0][0]
        return line_of(self.file, node.value) if isinstance(node, ox.NamedNode) else None


def _text(term: Term) -> str:
    return term.value if isinstance(term, ox.NamedNode) else str(term)


def _name(term: Term | str) -> str:
    iri = term if isinstance(term, str) else _text(term)
    return iri if iri.startswith(("_:", '"', "<<")) else shorten(iri, FIXED_PREFIXES)


def _vocabulary(iri: str) -> bool:
    return iri.startswith((OWL, RDF, RDFS))


def _undeclared_property(view: _View) -> Iterator[Found]:
    for s, p, _ in view.file.triples:
        declared = any(view.is_property(p.value, kind.removeprefix(OWL)) for kind in _KINDS)
        if not declared and not (_vocabulary(p.value)):
            yield (
                s,
                f"{_name(p)} is not declared here nor in what the file imports, and would be saved as an "
                "annotation property",
                "declare it, or import the module that does",
            )


def _undeclared_class(view: _View) -> Iterator[Found]:
    for node, cls in _class_uses(view):
        if isinstance(cls, ox.NamedNode) and not (
            cls.value in _BUILT_IN_CLASSES | _DATATYPES
            or {OWL + "Class", RDFS + "Datatype"} & view.kinds.get(cls.value, set())
        ):
            yield (
                node,
                f"{_name(cls)} is used as a class and not declared, so a save would declare it",
                "declare it as an owl:Class, or import the module that does",
            )


def _class_uses(view: _View) -> Iterator[tuple[Node, Term]]:
    for s, p, o in view.file.triples:
        if p.value in _CLASS_BOTH:
            yield s, s
            yield s, o
        elif p.value in _CLASS_OBJECT or (p == TYPE and not _vocabulary(_text(o))):
            yield s, o
        elif p.value in _CLASS_LISTS or (p.value == OWL + "members" and _is_class_disjointness(view, s)):
            yield from ((s, member) for member in view.members(o))


def _is_class_disjointness(view: _View, node: Node) -> bool:
    types = (t.object for t in view.file.triples if t.subject == node and t.predicate == TYPE)
    return OWL + "AllDisjointClasses" in map(_text, types)


def _undeclared_individual(view: _View) -> Iterator[Found]:
    for s, p, o in view.file.triples:
        used: list[Term] = []
        if p == TYPE and not _vocabulary(_text(o)):
            used = [s]
        elif view.is_property(p.value, "ObjectProperty"):
            used = [s, o]
        elif view.is_property(p.value, "DatatypeProperty"):
            used = [s]
        for node in used:
            if isinstance(node, ox.NamedNode) and OWL + "NamedIndividual" not in view.kinds.get(node.value, ()):
                yield (
                    s,
                    f"{_name(node)} is used as an individual and not declared, so a save would declare it",
                    "give it the type owl:NamedIndividual where it is described",
                )


def _foreign_datatype(view: _View) -> Iterator[Found]:
    for s, p, o in view.file.triples:
        datatype = o.datatype.value if isinstance(o, ox.Literal) else _text(o) if p.value == RDFS + "range" else ""
        declared = RDFS + "Datatype" in view.kinds.get(datatype, ())
        if datatype.startswith((XSD, RDF)) and datatype not in _DATATYPES and not declared:
            yield (
                s,
                f"{_name(datatype)} is outside the datatypes of OWL 2, and HermiT stops at it",
                "write an xsd:dateTime, or split it into integers",
            )
        elif isinstance(o, ox.Literal) and datatype not in _DATATYPES and not declared:
            yield s, f"{_name(datatype)} is no datatype of OWL 2 and not declared", "use one of OWL 2"


def _stray_list(view: _View) -> Iterator[Found]:
    for cell in view.items:
        uses = view.parents.get(cell, []) if isinstance(cell, ox.BlankNode) else []
        wrong: list[tuple[Term, str]] = [(s, p) for s, p in uses if p != REST.value and p not in _LIST_PROPERTIES]
        for subject, predicate in wrong or ([] if uses else [(cell, "")]):
            yield (
                subject,
                f"a list that hangs on {_name(predicate) if predicate else 'nothing'} would be lost",
                "use several values; OWL keeps lists only in its own constructs",
            )


def _cyclic_blank_nodes(view: _View) -> Iterator[Found]:
    for start in view.parents:
        seen: set[Node] = set()
        reach: list[Node] = [s for s, _ in view.parents[start]]
        while reach:
            node = reach.pop()
            if node == start:
                yield start, "blank nodes that lead back to themselves would be lost", "give one of them an IRI"
                return
            if isinstance(node, ox.BlankNode) and node not in seen:
                seen.add(node)
                reach += [s for s, _ in view.parents.get(node, [])]


def _shared_blank_node(view: _View) -> Iterator[Found]:
    for uses in view.parents.values():
        if len(uses) > 1:
            places = " and ".join(sorted(_name(s) for s, _ in uses if isinstance(s, ox.NamedNode)))
            yield uses[0][0], f"a blank node that {places or 'several'} share would be copied", "give it an IRI"


def _named_axiom(view: _View) -> Iterator[Found]:
    for s, p, o in view.file.triples:
        if p == TYPE and _text(o) in (OWL + "Axiom", OWL + "Annotation") and isinstance(s, ox.NamedNode):
            yield s, f"{_name(s)}, the name of an {_name(o)}, would be lost", "make it a blank node"


def _second_header(view: _View) -> Iterator[Found]:
    headers = [t.subject for t in view.file.triples if t.predicate == TYPE and _text(t.object) == OWL + "Ontology"]
    for header in headers[1:]:
        yield header, f"{_name(header)} is a second owl:Ontology in the file, and would be lost", "keep one a file"


def _foreign_type(view: _View) -> Iterator[Found]:
    for s, p, o in view.file.triples:
        if p == TYPE and (instead := _FOREIGN_TYPES.get(_text(o))):
            yield s, f"{_name(o)} would be rewritten", f"make it {instead}"


def _qualified_without_filler(view: _View) -> Iterator[Found]:
    used: dict[Node, set[str]] = defaultdict(set)
    for s, p, _ in view.file.triples:
        used[s].add(p.value)
    for node, predicates in used.items():
        if predicates & _QUALIFIED and not predicates & {OWL + "onClass", OWL + "onDataRange"}:
            yield node, "a qualified cardinality without owl:onClass would be rewritten", "say of which class"


def _several_blank_values(view: _View) -> Iterator[Found]:
    values = Counter(
        (s, p)
        for s, p, o in view.file.triples
        if isinstance(o, ox.BlankNode) and view.is_property(p.value, "AnnotationProperty")
    )
    for (subject, predicate), count in values.items():
        if count > 1:
            yield (
                subject,
                f"{count} blank nodes as values of {_name(predicate)} would change places at each save",
                "give them IRIs, or use literals",
            )


def _property_pun(view: _View) -> Iterator[Found]:
    for s, kinds in _declared(view):
        both = sorted(name for iri, name in _KINDS.items() if iri in kinds)
        if len(both) > 1:
            yield s, f"{_name(s)} is {' and '.join(both)} at once, which OWL 2 DL forbids", "keep one of them"


def _datatype_pun(view: _View) -> Iterator[Found]:
    for s, kinds in _declared(view):
        if {OWL + "Class", RDFS + "Datatype"} <= kinds:
            yield s, f"{_name(s)} is class and datatype at once, which OWL 2 DL forbids", "keep one of them"


def _declared(view: _View) -> Iterator[tuple[Node, set[str]]]:
    for subject in dict.fromkeys(t.subject for t in view.file.triples if t.predicate == TYPE):
        if isinstance(subject, ox.NamedNode):
            yield subject, view.kinds[subject.value]


def _non_simple_restriction(view: _View) -> Iterator[Found]:
    complex_ = _non_simple(view.known)
    restricted = {t.subject for t in view.file.triples if t.predicate.value in _CARDINALITIES | {OWL + "hasSelf"}}
    for s, p, o in view.file.triples:
        if p.value == OWL + "onProperty" and s in restricted and o in complex_:
            yield (
                s,
                f"{_name(o)} is transitive or made of a chain, and stands in a cardinality: HermiT stops at it",
                "use owl:someValuesFrom, or a property that is neither",
            )
    for s, p, o in view.file.triples:
        if p == TYPE and _text(o) in _NEEDS_SIMPLE and s in complex_:
            yield s, f"{_name(s)} is transitive or made of a chain, and {_name(o)} too", "drop one of the two"


def _non_simple(triples: Iterable[ox.Triple]) -> set[Term]:
    """Return the properties that are not simple (Structural Specification, section 11.1), inverses included."""
    above: dict[Term, set[Term]] = defaultdict(set)
    found: set[Term] = set()
    for s, p, o in triples:
        if (p == TYPE and _text(o) == OWL + "TransitiveProperty") or p.value == OWL + "propertyChainAxiom":
            found.add(s)
        elif p.value in (OWL + "inverseOf", OWL + "equivalentProperty"):
            above[s].add(o)
            above[o].add(s)
        elif p.value == RDFS + "subPropertyOf":
            above[s].add(o)
    reach = list(found)
    while reach:
        for bigger in above[reach.pop()] - found:
            found.add(bigger)
            reach.append(bigger)
    return found


def _wrong_value(view: _View) -> Iterator[Found]:
    for s, p, o in view.file.triples:
        if isinstance(o, ox.Literal) and view.is_property(p.value, "ObjectProperty"):
            yield s, f"{_name(p)} is an object property and has the literal {_name(o)}", "give it an IRI"
        elif not isinstance(o, ox.Literal) and view.is_property(p.value, "DatatypeProperty"):
            yield s, f"{_name(p)} is a data property and has {_name(o)}", "give it a literal"


def _unstable_order(view: _View) -> Iterator[Found]:
    for s, p, o in view.file.triples:
        if p.value == OWL + "disjointWith" and isinstance(s, ox.NamedNode) and isinstance(o, ox.NamedNode):
            if o.value < s.value:
                yield s, f"owl:disjointWith {_name(o)} would be saved the other way round", f"write it at {_name(o)}"
        elif p.value in _UNORDERED:
            named = [_text(m) for m in view.members(o) if isinstance(m, ox.NamedNode)]
            kinds = [isinstance(m, ox.NamedNode) for m in view.members(o)]
            if named != sorted(named) or kinds != sorted(kinds, reverse=True):
                yield (
                    s,
                    f"the operands of {_name(p)} would be saved in another order",
                    "write the named ones first, by IRI: " + " ".join(_name(n) for n in sorted(named)),
                )


CHECKS: dict[str, Callable[[_View], Iterator[Found]]] = {
    "undeclared property": _undeclared_property,
    "undeclared class": _undeclared_class,
    "undeclared individual": _undeclared_individual,
    "foreign datatype": _foreign_datatype,
    "stray list": _stray_list,
    "cyclic blank nodes": _cyclic_blank_nodes,
    "shared blank node": _shared_blank_node,
    "named axiom": _named_axiom,
    "second header": _second_header,
    "foreign type": _foreign_type,
    "qualified cardinality without a class": _qualified_without_filler,
    "several blank values": _several_blank_values,
    "property pun": _property_pun,
    "datatype pun": _datatype_pun,
    "non-simple property": _non_simple_restriction,
    "wrong kind of value": _wrong_value,
    "unstable order": _unstable_order,
}
"""Name → check; each yields the node, what is wrong and how to mend it. Comments are checked by line."""


def findings(files: Iterable[ParsedFile], beside: Iterable[ox.Triple] = ()) -> tuple[Loss, ...]:
    """Return all that a save of these files would not keep, by file, line and check.

    A file with an ontology header knows its own declarations and those of the files it imports, directly
    or through others; a file without one knows all of ``files``, as they are then opened as one, and the
    triples ``beside`` them, such as the text layer of a document, which no file holds.
    """
    files = tuple(files)
    headers = {f.path: _headers(f) for f in files}
    by_iri = {iri: f for f in files for iri in headers[f.path]}
    everything = (*(t for f in files for t in f.triples), *beside)
    found: dict[Loss, None] = {}
    for file in files:
        known = _closure(file, by_iri) if headers[file.path] else everything
        view = _View(file, known)
        for name, check in CHECKS.items():
            for node, what, mend in check(view):
                found[Loss(name, what, file.path, view.line(node), mend)] = None
        for line, comment in _comments(file.lines.text):
            what = f"the comment would be lost: {comment}"
            found[Loss("comment", what, file.path, line, "say it in an rdfs:comment")] = None
    return tuple(sorted(found, key=lambda f: (str(f.path), f.line or 0, f.check, f.what)))


def _headers(file: ParsedFile) -> list[str]:
    return [_text(t.subject) for t in file.triples if t.predicate == TYPE and _text(t.object) == OWL + "Ontology"]


def _closure(file: ParsedFile, by_iri: dict[str, ParsedFile]) -> tuple[ox.Triple, ...]:
    seen = {file.path: file}
    todo = [file]
    while todo:
        for triple in todo.pop().triples:
            imported = by_iri.get(_text(triple.object)) if triple.predicate.value == OWL + "imports" else None
            if imported is not None and imported.path not in seen:
                seen[imported.path] = imported
                todo.append(imported)
    return tuple(t for f in seen.values() for t in f.triples)


def _comments(text: str) -> Iterator[tuple[int, str]]:
    blanked = _STRING.sub(lambda found: "\n" * found[0].count("\n"), text)
    for found in _COMMENT.finditer(blanked):
        yield blanked.count("\n", 0, found.start()) + 1, found[0].strip()
