"""What Protégé (the OWL API) would lose, rewrite or add when it saves a file, found without Java.

Each check is one function in :data:`CHECKS`; :func:`findings` runs them all. A file that is clean by all of
them comes back from a save, once formatted, as it was. What the OWL API does was tried with 4.5.22 and
5.1.20; the rest follows OWL 2 Structural Specification (https://www.w3.org/TR/owl2-syntax/), sections 3, 4
and 11, and OWL 2 Mapping to RDF (https://www.w3.org/TR/owl2-mapping-to-rdf/).
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pyoxigraph as ox

from spacegov.errors import SpacegovError, explained
from spacegov.files import read_text
from spacegov.names import FIXED_PREFIXES, OWL, RDF, RDFS, XSD, shorten
from spacegov.rdf.graph import FIRST, NIL, REST, TYPE, Node, Term
from spacegov.rdf.turtle import ParsedFile, is_owl_api_comment, line_of


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
CATALOG = "catalog-v001.xml"
"""The file beside an ontology by which Protégé finds its imports."""
_CATALOG = "{urn:oasis:names:tc:entity:xmlns:xml:catalog}"
_STRING = re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"', re.DOTALL)
_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)


@dataclass(frozen=True)
class Loss:
    """One thing that a save would not keep: the check, what is wrong, the file and line, how to mend it, the IRI.

    ``grave`` is what is lost or rewritten, or outside OWL 2 DL; the rest is what a save adds or reorders, or
    what keeps the file from opening with all that it needs.
    """

    check: str
    what: str
    path: Path
    line: int | None
    mend: str
    node: str = ""

    @property
    def grave(self) -> bool:
        """Whether the graph is not what it was after a save, or not OWL 2 DL before it."""
        return self.check not in _MILD

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else str(self.path)
        return f"{where}: {self.what}\n  To mend it: {self.mend}"


_MILD = {
    "undeclared individual",
    "several blank values",
    "unstable order",
    "comment",
    "no header",
    "import that does not open",
}

Found = tuple[Term, str, str]
"""The node that a finding hangs on, what is wrong, how to mend it."""
_Rows = dict[str, list[tuple[Node, Term]]]
"""Predicate IRI → subjects and objects."""


@dataclass(frozen=True)
class _Content:
    """One file as the checks look at it; everything is worked out once, whoever imports the file."""

    file: ParsedFile

    @cached_property
    def place(self) -> Path:
        """Return the absolute path of the file."""
        return self.file.path.resolve()

    @cached_property
    def rows(self) -> _Rows:
        """Return the triples by their predicate."""
        found: _Rows = defaultdict(list)
        for s, p, o in self.file.triples:
            found[p.value].append((s, o))
        return found

    @cached_property
    def kinds(self) -> dict[str, set[str]]:
        """Return IRI → the types that the file gives it."""
        found: dict[str, set[str]] = defaultdict(set)
        for s, o in self.rows.get(TYPE.value, ()):
            if isinstance(s, ox.NamedNode):
                found[s.value].add(_text(o))
        return found

    @cached_property
    def headers(self) -> list[str]:
        """Return the IRIs of the ontologies that the file declares itself to be."""
        typed = self.rows.get(TYPE.value, ())
        return [s.value for s, o in typed if _text(o) == OWL + "Ontology" and isinstance(s, ox.NamedNode)]

    @cached_property
    def imports(self) -> list[str]:
        """Return the IRIs of the ontologies that the file imports."""
        return [_text(o) for _, o in self.rows.get(OWL + "imports", ())]


@dataclass(frozen=True)
class _Known:
    """What is declared in a file and in all that it imports."""

    files: tuple[_Content, ...]
    _kinds: dict[str, set[str]] = field(default_factory=dict, repr=False)

    def kinds(self, iri: str) -> set[str]:
        """Return the types of ``iri``."""
        found = self._kinds.get(iri)
        if found is None:
            found = self._kinds[iri] = set().union(*(file.kinds.get(iri, ()) for file in self.files))
        return found

    @cached_property
    def non_simple(self) -> set[Term]:
        """Return the properties that are not simple (Structural Specification, section 11.1), inverses included."""
        above: dict[Term, set[Term]] = defaultdict(set)
        found: set[Term] = set()
        for rows in (file.rows for file in self.files):
            found.update(s for s, o in rows.get(TYPE.value, ()) if _text(o) == OWL + "TransitiveProperty")
            found.update(s for s, _ in rows.get(OWL + "propertyChainAxiom", ()))
            for s, o in (*rows.get(OWL + "inverseOf", ()), *rows.get(OWL + "equivalentProperty", ())):
                above[s].add(o)
                above[o].add(s)
            for s, o in rows.get(RDFS + "subPropertyOf", ()):
                above[s].add(o)
        reach = list(found)
        while reach:
            for bigger in above[reach.pop()] - found:
                found.add(bigger)
                reach.append(bigger)
        return found


@dataclass(frozen=True)
class _View:
    """One file, and what it and its imports declare."""

    content: _Content
    known: _Known

    @property
    def rows(self) -> _Rows:
        """Return the file's triples by their predicate."""
        return self.content.rows

    def of(self, predicate: str) -> Sequence[tuple[Node, Term]]:
        """Return the subjects and objects of one predicate."""
        return self.rows.get(predicate, ())

    @property
    def typed(self) -> Iterator[tuple[Node, str]]:
        """Yield each subject with each of its types."""
        return ((s, _text(o)) for s, o in self.of(TYPE.value))

    @cached_property
    def parents(self) -> dict[ox.BlankNode, list[tuple[Node, str]]]:
        """Return blank node → the subjects and predicates that point to it."""
        found: dict[ox.BlankNode, list[tuple[Node, str]]] = defaultdict(list)
        for predicate, pairs in self.rows.items():
            for s, o in pairs:
                if isinstance(o, ox.BlankNode):
                    found[o].append((s, predicate))
        return found

    @cached_property
    def items(self) -> dict[Term, tuple[Term, Term]]:
        """Return list cell → its first and its rest."""
        rest = dict(self.of(REST.value))
        return {cell: (first, rest.get(cell, NIL)) for cell, first in self.of(FIRST.value)}

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
        return OWL + kind in self.known.kinds(iri)

    def subject(self, node: Term) -> str:
        """Return the IRI of the named subject that ``node`` belongs to, nothing where it belongs to none."""
        seen: set[Term] = set()
        while isinstance(node, ox.BlankNode) and node not in seen and self.parents.get(node):
            seen.add(node)
            node = self.parents[node][0][0]
        return node.value if isinstance(node, ox.NamedNode) else ""


def _text(term: Term) -> str:
    return term.value if isinstance(term, ox.NamedNode) else str(term)


def _name(term: Term | str) -> str:
    iri = term if isinstance(term, str) else _text(term)
    return iri if iri.startswith(("_:", '"', "<<")) else shorten(iri, FIXED_PREFIXES)


def _vocabulary(iri: str) -> bool:
    return iri.startswith((OWL, RDF, RDFS))


def _undeclared_property(view: _View) -> Iterator[Found]:
    for predicate, pairs in view.rows.items():
        if _vocabulary(predicate) or any(view.is_property(predicate, kind.removeprefix(OWL)) for kind in _KINDS):
            continue
        for s, _ in pairs:
            yield (
                s,
                f"{_name(predicate)} is not declared here nor in what the file imports, and would be saved as an "
                "annotation property",
                "declare it, or import the module that does",
            )


def _undeclared_class(view: _View) -> Iterator[Found]:
    for node, cls in _class_uses(view):
        if isinstance(cls, ox.NamedNode) and not (
            cls.value in _BUILT_IN_CLASSES | _DATATYPES
            or {OWL + "Class", RDFS + "Datatype"} & view.known.kinds(cls.value)
        ):
            yield (
                node,
                f"{_name(cls)} is used as a class and not declared, so a save would declare it",
                "declare it as an owl:Class, or import the module that does",
            )


def _class_uses(view: _View) -> Iterator[tuple[Node, Term]]:
    for predicate in _CLASS_BOTH:
        for s, o in view.of(predicate):
            yield s, s
            yield s, o
    for predicate in _CLASS_OBJECT:
        yield from view.of(predicate)
    yield from ((s, o) for s, o in view.of(TYPE.value) if not _vocabulary(_text(o)))
    for predicate in _CLASS_LISTS:
        yield from ((s, member) for s, o in view.of(predicate) for member in view.members(o))
    disjointness = {s for s, kind in view.typed if kind == OWL + "AllDisjointClasses"}
    for s, o in view.of(OWL + "members"):
        yield from ((s, member) for member in view.members(o) if s in disjointness)


def _undeclared_individual(view: _View) -> Iterator[Found]:
    uses: dict[Term, Node] = {}
    for s, kind in view.typed:
        if not _vocabulary(kind):
            uses.setdefault(s, s)
    for predicate, pairs in view.rows.items():
        link = view.is_property(predicate, "ObjectProperty")
        if link or view.is_property(predicate, "DatatypeProperty"):
            for s, o in pairs:
                uses.setdefault(s, s)
                if link:
                    uses.setdefault(o, s)
    for node, user in uses.items():
        if isinstance(node, ox.NamedNode) and OWL + "NamedIndividual" not in view.known.kinds(node.value):
            yield (
                user,
                f"{_name(node)} is used as an individual and not declared, so a save would declare it",
                "give it the type owl:NamedIndividual where it is described, or here if the text describes it",
            )


def _foreign_datatype(view: _View) -> Iterator[Found]:
    for predicate, pairs in view.rows.items():
        for s, o in pairs:
            if isinstance(o, ox.Literal):
                datatype = o.datatype.value
            elif predicate == RDFS + "range":
                datatype = _text(o)
            else:
                continue
            if datatype in _DATATYPES or RDFS + "Datatype" in view.known.kinds(datatype):
                continue
            if datatype.startswith((XSD, RDF)):
                yield (
                    s,
                    f"{_name(datatype)} is outside the datatypes of OWL 2, and HermiT stops at it",
                    "write an xsd:dateTime, or split it into integers",
                )
            elif isinstance(o, ox.Literal):
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
    above = {node: {s for s, _ in uses if isinstance(s, ox.BlankNode)} for node, uses in view.parents.items()}
    try:
        TopologicalSorter(above).prepare()
    except CycleError as error:
        yield (
            error.args[1][0],
            "blank nodes that lead back to themselves would be lost",
            "give one of them an IRI",
        )


def _shared_blank_node(view: _View) -> Iterator[Found]:
    for uses in view.parents.values():
        if len(uses) > 1:
            places = " and ".join(sorted(_name(s) for s, _ in uses if isinstance(s, ox.NamedNode)))
            yield uses[0][0], f"a blank node that {places or 'several'} share would be copied", "give it an IRI"


def _named_axiom(view: _View) -> Iterator[Found]:
    for s, kind in view.typed:
        if kind in (OWL + "Axiom", OWL + "Annotation") and isinstance(s, ox.NamedNode):
            yield s, f"{_name(s)}, the name of an {_name(kind)}, would be lost", "make it a blank node"


def _second_header(view: _View) -> Iterator[Found]:
    for header in [s for s, kind in view.typed if kind == OWL + "Ontology"][1:]:
        yield (
            header,
            f"{_name(header)} is a second owl:Ontology in the file, and would be lost",
            "keep one a file",
        )


def _foreign_type(view: _View) -> Iterator[Found]:
    for s, kind in view.typed:
        if instead := _FOREIGN_TYPES.get(kind):
            yield s, f"{_name(kind)} would be rewritten", f"make it {instead}"


def _qualified_without_filler(view: _View) -> Iterator[Found]:
    filled = {s for predicate in ("onClass", "onDataRange") for s, _ in view.of(OWL + predicate)}
    for node in dict.fromkeys(s for predicate in _QUALIFIED for s, _ in view.of(predicate)):
        if node not in filled:
            yield node, "a qualified cardinality without owl:onClass would be rewritten", "say of which class"


def _several_blank_values(view: _View) -> Iterator[Found]:
    values = Counter((s, p) for uses in view.parents.values() for s, p in uses)
    for (subject, predicate), count in values.items():
        if count > 1 and view.is_property(predicate, "AnnotationProperty"):
            yield (
                subject,
                f"{count} blank nodes as values of {_name(predicate)} would change places at each save",
                "give them IRIs, or use literals",
            )


def _property_pun(view: _View) -> Iterator[Found]:
    for iri in view.content.kinds:
        both = sorted(name for kind, name in _KINDS.items() if kind in view.known.kinds(iri))
        if len(both) > 1:
            yield (
                ox.NamedNode(iri),
                f"{_name(iri)} is {' and '.join(both)} at once, which OWL 2 DL forbids",
                "keep one of them",
            )


def _datatype_pun(view: _View) -> Iterator[Found]:
    for iri in view.content.kinds:
        if {OWL + "Class", RDFS + "Datatype"} <= view.known.kinds(iri):
            yield (
                ox.NamedNode(iri),
                f"{_name(iri)} is class and datatype at once, which OWL 2 DL forbids",
                "keep one of them",
            )


def _non_simple_restriction(view: _View) -> Iterator[Found]:
    restricted = {s for predicate in (*_CARDINALITIES, OWL + "hasSelf") for s, _ in view.of(predicate)}
    for s, o in view.of(OWL + "onProperty"):
        if s in restricted and o in view.known.non_simple:
            yield (
                s,
                f"{_name(o)} is transitive or made of a chain, and stands in a cardinality: HermiT stops at it",
                "use owl:someValuesFrom, or a property that is neither",
            )
    for s, kind in view.typed:
        if kind in _NEEDS_SIMPLE and s in view.known.non_simple:
            yield s, f"{_name(s)} is transitive or made of a chain, and {_name(kind)} too", "drop one of the two"


def _wrong_value(view: _View) -> Iterator[Found]:
    for predicate, pairs in view.rows.items():
        if view.is_property(predicate, "ObjectProperty"):
            for s, o in pairs:
                if isinstance(o, ox.Literal):
                    what = f"{_name(predicate)} is an object property and has the literal {_name(o)}"
                    yield s, what, "give it an IRI"
        if view.is_property(predicate, "DatatypeProperty"):
            for s, o in pairs:
                if not isinstance(o, ox.Literal):
                    yield s, f"{_name(predicate)} is a data property and has {_name(o)}", "give it a literal"


def _unstable_order(view: _View) -> Iterator[Found]:
    for s, o in view.of(OWL + "disjointWith"):
        if isinstance(s, ox.NamedNode) and isinstance(o, ox.NamedNode) and o.value < s.value:
            yield s, f"owl:disjointWith {_name(o)} would be saved the other way round", f"write it at {_name(o)}"
    for predicate in _UNORDERED:
        for s, o in view.of(predicate):
            named = [_text(m) for m in view.members(o) if isinstance(m, ox.NamedNode)]
            kinds = [isinstance(m, ox.NamedNode) for m in view.members(o)]
            if named != sorted(named) or kinds != sorted(kinds, reverse=True):
                yield (
                    s,
                    f"the operands of {_name(predicate)} would be saved in another order",
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
"""Name → check; each yields the node, what is wrong and how to mend it. Comments are checked by line, headers
and imports by file."""


def findings(files: Iterable[ParsedFile]) -> tuple[Loss, ...]:
    """Return all that a save of these files would not keep, by file, line and check.

    A file with an ontology header knows its own declarations and those of the files it imports, directly
    or through others; a file without one knows those of all ``files``, as they are then opened as one.
    """
    contents = [_Content(file) for file in files]
    by_iri = {iri: content for content in contents for iri in content.headers}
    everything = _Known(tuple(contents))
    closures: dict[frozenset[Path], _Known] = {}
    catalogs: dict[Path, dict[str, Path] | SpacegovError] = {}
    found: dict[Loss, None] = {}
    for content in contents:
        file = content.file
        known = everything
        if content.headers:
            closure = _closure(content, by_iri)
            known = closures.setdefault(frozenset(c.file.path for c in closure), _Known(closure))
        view = _View(content, known)
        for name, check in CHECKS.items():
            for node, what, mend in check(view):
                subject = view.subject(node)
                found[Loss(name, what, file.path, line_of(file, subject), mend, subject)] = None
        for line, comment in _comments(file.lines.text):
            what = f"the comment would be lost: {comment}"
            found[Loss("comment", what, file.path, line, "say it in an rdfs:comment")] = None
        found.update(dict.fromkeys(_opening(content, known, catalogs)))
    return tuple(sorted(found, key=lambda f: (str(f.path), f.line or 0, f.check, f.what)))


def _closure(content: _Content, by_iri: Mapping[str, _Content]) -> tuple[_Content, ...]:
    seen = {content.file.path: content}
    todo = [content]
    while todo:
        for iri in todo.pop().imports:
            imported = by_iri.get(iri)
            if imported is not None and imported.file.path not in seen:
                seen[imported.file.path] = imported
                todo.append(imported)
    return tuple(seen.values())


def _opening(content: _Content, known: _Known, catalogs: dict[Path, dict[str, Path] | SpacegovError]) -> Iterator[Loss]:
    """Yield what keeps a file from opening in Protégé with all that it imports; catalogues are read once."""
    path = content.file.path
    if not content.headers:
        what = "the file has no owl:Ontology with an IRI, so it opens without what it uses"
        mend = "give it one that imports the ontology and the files beside it"
        yield Loss("no header", what, path, None, mend)
        return
    needed = {iri for imported in known.files for iri in imported.imports}
    if not needed:
        return

    def loss(what: str, mend: str) -> Loss:
        return Loss("import that does not open", what, path, line_of(content.file, content.headers[0]), mend)

    catalog = path.parent / CATALOG
    if catalog not in catalogs:
        try:
            catalogs[catalog] = read_catalog(catalog)
        except SpacegovError as error:
            catalogs[catalog] = error
    places = catalogs[catalog]
    if isinstance(places, SpacegovError):
        yield loss(f"no import opens: {places.what}", places.mend)
        return
    declared = {iri: imported.place for imported in known.files for iri in imported.headers}
    for iri in sorted(needed):
        if iri not in places or places[iri] != declared.get(iri):
            what = f"the import {_name(iri)} does not open: {catalog} does not lead to its file"
            yield loss(what, "list the file there, or in the catalogue it names")


def read_catalog(path: Path) -> dict[str, Path]:
    """Return ontology IRI → absolute path, as an OASIS XML catalogue and those that it names next have it.

    Raises SpacegovError where one cannot be read or is no XML, or names a file that is not there.
    """
    found: dict[str, Path] = {}
    seen: set[Path] = set()
    todo = [path]
    while todo:
        catalog = todo.pop()
        if catalog.resolve() in seen:
            continue
        seen.add(catalog.resolve())
        text = read_text(catalog)
        with explained("cannot read the catalogue", where=catalog, mend="restore it, or copy one from a folder beside"):
            root = ET.fromstring(text)  # noqa: S314 - expat limits what entities may grow to
        for entry in root.iter(_CATALOG + "uri"):
            file = catalog.parent / entry.get("uri", "")
            with explained("cannot look at the file", where=file):
                there = file.is_file()
            if not there:
                what = f"the catalogue names {file.name}, which is not there"
                raise SpacegovError(what, where=catalog, mend="correct it")
            found.setdefault(entry.get("name", ""), file.resolve())
        todo += [catalog.parent / entry.get("catalog", "") for entry in root.iter(_CATALOG + "nextCatalog")]
    return found


def _comments(text: str) -> Iterator[tuple[int, str]]:
    blanked = _STRING.sub(lambda found: "\n" * found[0].count("\n"), text)
    for found in _COMMENT.finditer(blanked):
        if not is_owl_api_comment(found[0].strip(), text):
            yield blanked.count("\n", 0, found.start()) + 1, found[0].strip()
