"""Write Turtle in the one format of the project: the same graph, the same comments, ordered by content."""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import pyoxigraph as ox

from spacegov.errors import SpacegovError
from spacegov.files import decode, files_below, plain_lines, read_bytes
from spacegov.names import DOCUMENT, FIXED_PREFIXES, OWL, RDF, SG, SH, XSD
from spacegov.rdf.graph import Node, Term, canonical
from spacegov.rdf.turtle import (
    SAFE_LOCAL,
    Statement,
    Token,
    is_owl_api_comment,
    is_saved_through_rio,
    parse,
    statements,
)

WIDTH = 110
"""Characters a line may have before a list or a nested blank node is written over several lines."""
_COMMENT = ox.NamedNode("urn:spacegov:comment")  # carries a block's comment through the sorting of the graph


def _is_trailing(comment: Token, text: str) -> bool:
    return bool(text[text.rfind("\n", 0, comment.start) + 1 : comment.start].strip())


def _misplaced(found: list[tuple[Token, str]], where: str | Path) -> SpacegovError:
    comment, place = found[0]
    others = ", ".join(str(token.line) for token, _ in found[1:])
    return SpacegovError(
        f"a comment {place} would be lost: {comment.text}" + (f" (as in lines {others})" if others else ""),
        where=where,
        line=comment.line,
        mend="Move it directly above the subject it is about, or into the block at the top of the file.",
    )


def _header(before: tuple[Token, ...], first: Token | None) -> tuple[list[str], list[Token]]:
    """Return the lines of the file's header and the comments that belong to its first block.

    Before a directive, or in a file of comments alone, all comments are the header; before a block,
    those that stand directly above it are its own.
    """
    own: list[Token] = []
    if first is not None:
        line = first.line
        for comment in reversed(before):
            if comment.line != line - 1:
                break
            own.insert(0, comment)
            line = comment.line
    lines: list[str] = []
    previous = 0
    for comment in before[: len(before) - len(own)]:
        if lines and comment.line > previous + 1:
            lines.append("")
        lines.append(comment.text.rstrip())
        previous = comment.line
    return lines, own


def _collect_comments(text: str, where: str | Path) -> tuple[list[str], list[tuple[Statement, str]]]:
    """Return the header's lines, and each block that has a comment of its own with that comment."""
    header: list[str] = []
    owned: list[tuple[Statement, str]] = []
    misplaced: list[tuple[Token, str]] = []
    started = False
    for part in statements(text):
        before = [token for token in part.before if not is_owl_api_comment(token.text, text)]
        misplaced += [(token, "inside a block") for token in part.inside]
        trailing = [token for token in before if _is_trailing(token, text)]
        misplaced += [(token, "behind a statement") for token in trailing]
        free = tuple(token for token in before if token not in trailing)
        block = part.tokens[0] if part.tokens and not part.directive else None
        if not started:
            header, own = _header(free, block)
        else:
            own = _header(free, block)[1]
            misplaced += [(token, "that stands alone") for token in free if token not in own]
        if own:
            owned.append((part, "\n".join(token.text.rstrip() for token in own)))
        started = True
    if misplaced:
        raise _misplaced(sorted(misplaced, key=lambda found: found[0].start), where)
    return header, owned


def _name_subject(part: Statement, label: str) -> list[tuple[int, int, str]]:
    """Return the edits (start, end, new text) that give the nameless subject ``[ … ]`` of a block a label."""
    depth = 0
    for place, token in enumerate(part.tokens):
        depth += (token.text in ("[", "(")) - (token.text in ("]", ")"))
        if not depth:
            closing = "" if place == 1 else ";"
            return [
                (part.tokens[0].start, part.tokens[0].end, f"{label} "),
                (token.start, token.end, closing),
            ]
    raise AssertionError("valid Turtle closes its brackets")


def _attach_comments(text: str, owned: list[tuple[Statement, str]], where: str | Path) -> str:
    """Return ``text`` with each block's comment as a triple behind it; nameless subjects get a label."""
    edits: list[tuple[int, int, str]] = []
    for number, (part, comment) in enumerate(owned):
        first, end = part.tokens[0], part.tokens[-1].end
        subject = first.text
        if subject == "[":
            subject = f"_:commented-subject-{number}"
            edits += _name_subject(part, subject)
        elif first.kind == "mark":
            raise _misplaced([(part.before[-1], f"above a block that starts with {subject}")], where)
        edits.append((end, end, f" {subject} {_COMMENT} {_quote(comment)} ."))
    for start, end, new in reversed(edits):
        text = text[:start] + new + text[end:]
    return text


def _one_comment_each(triples: list[ox.Triple]) -> list[ox.Triple]:
    """Return the triples with the comments of several blocks of one subject put together, in their order."""
    lines: dict[Node, list[str]] = {}
    rest: list[ox.Triple] = []
    for triple in triples:
        subject, predicate, text = triple
        if predicate == _COMMENT and isinstance(text, ox.Literal):
            lines.setdefault(subject, []).append(text.value)
        else:
            rest.append(triple)
    return rest + [ox.Triple(node, _COMMENT, ox.Literal("\n".join(texts))) for node, texts in lines.items()]


def _untype_lists(triples: list[ox.Triple]) -> list[ox.Triple]:
    """Return the triples without the type that Rio gives each cell of a list, which is one without it."""
    cells = {t.subject for t in triples if t.predicate.value == _FIRST and isinstance(t.subject, ox.BlankNode)}
    return [
        t
        for t in triples
        if not (t.subject in cells and t.predicate.value == _TYPE and _text(t.object) == RDF + "List")
    ]


_TYPE = RDF + "type"
_FIRST, _REST, _NIL = RDF + "first", RDF + "rest", RDF + "nil"

_LINES = """
rdf:type
owl:imports
owl:versionIRI owl:versionInfo owl:priorVersion
owl:deprecated dcterms:isReplacedBy
rdfs:subClassOf
owl:equivalentClass
owl:disjointWith
owl:disjointUnionOf
owl:complementOf
owl:intersectionOf
owl:unionOf
owl:oneOf
owl:hasKey
rdfs:subPropertyOf
owl:equivalentProperty
owl:propertyDisjointWith
owl:inverseOf
owl:propertyChainAxiom
rdfs:domain rdfs:range
owl:onProperty owl:onProperties owl:onClass owl:onDataRange owl:someValuesFrom owl:allValuesFrom owl:hasValue \
owl:hasSelf owl:minCardinality owl:maxCardinality owl:cardinality owl:minQualifiedCardinality \
owl:maxQualifiedCardinality owl:qualifiedCardinality
owl:onDatatype owl:withRestrictions
owl:members
owl:distinctMembers
owl:sameAs
owl:differentFrom
owl:annotatedSource owl:annotatedProperty owl:annotatedTarget
owl:sourceIndividual owl:assertionProperty owl:targetIndividual owl:targetValue
rdf:first rdf:rest
rdf:subject rdf:predicate rdf:object
sh:targetClass sh:targetNode sh:targetSubjectsOf sh:targetObjectsOf sh:path sh:class sh:datatype sh:nodeKind \
sh:minCount sh:maxCount sh:severity
sh:target
sh:message
rdfs:label
skos:prefLabel
skos:altLabel
skos:hiddenLabel
skos:notation
skos:definition
skos:example
skos:scopeNote
skos:note
skos:editorialNote
skos:changeNote
skos:historyNote
skos:broader
skos:narrower
skos:related
skos:inScheme
skos:topConceptOf
dcterms:title
dcterms:description
dcterms:source
rdfs:comment
rdfs:seeAlso
rdfs:isDefinedBy sg:layer sg:termStatus
sg:madeBy sg:attributedTo sg:inPassage
sg:quotation
sg:hasProposition
sg:subject sg:relation sg:object
sg:modality sg:polarity sg:modalWord sg:agent sg:patient sg:status sg:phase
sg:wording
sg:describes sg:hasTime sg:inPlace sg:fromPlace sg:toPlace sg:inForum
sg:rank sg:ranks sg:onScale sg:rankedAmong sg:trend
sg:intensity sg:degree
sg:comparison sg:comparedWith
sg:attribute sg:manner sg:frequency
sg:openList sg:openListPhrase
sg:asPrinted sg:ofKind sg:plural sg:bound sg:number sg:counts sg:year sg:month sg:day sg:openEnded
sg:namedEntity sg:possessor sg:topic sg:quantifier sg:otherThan
sg:distribution sg:hasMember
sg:concerns sg:resolvedTo sg:bearing sg:confidence
sg:printedForm sg:likelyForm
sg:noteText
sg:evidenceEvent sg:evidenceSource
sg:identityStatus sg:unSymbol sg:treatySeriesNumber sg:wikidataItem sg:identitySource
sg:adoptedOn sg:openedForSignatureOn sg:inForceSince sg:issuedOn
"""
"""Properties in the order in which they are written; those that stand in one row here are read together and
share a line while they fit. All others follow, each on its own line, in the order of their IRIs."""


def _rows() -> dict[str, tuple[int, int]]:
    """Return property → its row in :data:`_LINES` and its place in the row."""
    found: dict[str, tuple[int, int]] = {}
    for row, line in enumerate(_LINES.strip().split("\n")):
        for place, name in enumerate(line.split()):
            prefix, local = name.split(":")
            found[FIXED_PREFIXES[prefix] + local] = (row, place)
    return found


_ROW = _rows()
_OWN_ROW = (len(_LINES), 0)
_READ_BY = {SG + "quotation", SG + "concerns"}
_PATH = SH + "path"
_ANNOTATED_SOURCE = OWL + "annotatedSource"

_INTEGER = re.compile(r"0|-?[1-9][0-9]*")
_DECIMAL = re.compile(r"(?!-0\.0\Z)-?(?:0|[1-9][0-9]*)\.(?:[0-9]*[1-9]|0)")
_NATIVE = {
    XSD + "boolean": re.compile("true|false"),
    XSD + "integer": _INTEGER,
    XSD + "decimal": _DECIMAL,
}
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_LONG_QUOTE = re.compile(r'"(?="|\Z)')
_SHORT_ESCAPES = {"\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f"}


def _quote(value: str, *, long: bool = True) -> str:
    """Return ``value`` as a Turtle string, between three quotes if it has a line break and ``long`` allows it."""
    value = value.replace("\\", "\\\\")
    value = _CONTROL.sub(lambda found: _SHORT_ESCAPES.get(found[0], f"\\u{ord(found[0]):04X}"), value)
    if long and "\n" in value:
        return '"""' + _LONG_QUOTE.sub(r"\"", value) + '"""'
    return '"' + value.replace('"', '\\"').replace("\n", "\\n") + '"'


class _Names:
    """Short names for IRIs: the prefixes a text declares, then the known ones; remembers which are used."""

    def __init__(self, declared: Mapping[str, str], known: Mapping[str, str]) -> None:
        self.table = {**known, **declared}
        by_namespace: dict[str, str] = {}
        for prefix in sorted(self.table, key=lambda p: (p not in declared, known.get(p) != self.table[p], p)):
            by_namespace.setdefault(self.table[prefix], prefix)
        self._longest_first = sorted(by_namespace.items(), key=lambda item: (-len(item[0]), item[0]))
        self._seen: dict[str, str] = {}
        self.used: set[str] = set()

    def __call__(self, iri: str) -> str:
        if (name := self._seen.get(iri)) is None:
            name = self._seen[iri] = self._shorten(iri)
        return name

    def _shorten(self, iri: str) -> str:
        for namespace, prefix in self._longest_first:
            if iri.startswith(namespace) and SAFE_LOCAL.fullmatch(iri, len(namespace)):
                self.used.add(prefix)
                return f"{prefix}:{iri[len(namespace) :]}"
        return f"<{iri}>"


def _blank_nodes(term: Term) -> Iterator[ox.BlankNode]:
    if isinstance(term, ox.BlankNode):
        yield term
    elif isinstance(term, ox.Triple):
        for part in term:
            yield from _blank_nodes(part)


class _Graph:
    """Triples by subject, and how each blank node is to be written: nested, with a label, or as ``[]``."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self.objects: dict[Node, dict[str, list[Term]]] = {}
        self.comments: dict[Node, str] = {}
        references: Counter[ox.BlankNode] = Counter()
        self._parent: dict[ox.BlankNode, Node] = {}
        pinned: set[ox.BlankNode] = set()
        for subject, predicate, object_ in dict.fromkeys(triples):
            if predicate == _COMMENT and isinstance(object_, ox.Literal):
                self.comments[subject] = object_.value
                continue
            self.objects.setdefault(subject, {}).setdefault(predicate.value, []).append(object_)
            if isinstance(object_, ox.BlankNode):
                references[object_] += 1
                self._parent[object_] = subject
            elif isinstance(object_, ox.Triple):
                pinned.update(_blank_nodes(object_))
        pinned.update(node for node in references if node in self.comments)
        single = {node for node, count in references.items() if count == 1 and node not in pinned}
        cyclic = self._cyclic(single)
        self.nested = single - cyclic
        self.labelled = pinned | cyclic | {node for node, count in references.items() if count > 1}

    def _cyclic(self, single: set[ox.BlankNode]) -> set[ox.BlankNode]:
        walks: dict[Node, ox.BlankNode] = {}
        cyclic: set[ox.BlankNode] = set()
        for start in single:
            node: Node = start
            while isinstance(node, ox.BlankNode) and node in single and node not in walks:
                walks[node] = start
                node = self._parent[node]
            while isinstance(node, ox.BlankNode) and walks.get(node) == start and node not in cyclic:
                cyclic.add(node)
                node = self._parent[node]
        return cyclic

    def blocks(self) -> list[Node]:
        return [subject for subject in self.objects if subject not in self.nested]

    def list_items(self, node: ox.BlankNode) -> list[Term] | None:
        """Return the items of the RDF list that starts at ``node``, None if it is no plain list."""
        items: list[Term] = []
        cell: Term = node
        while isinstance(cell, ox.BlankNode):
            content = self.objects.get(cell, {})
            if cell not in self.nested or set(content) != {_FIRST, _REST}:
                return None
            if len(content[_FIRST]) > 1 or len(content[_REST]) > 1:
                return None
            items.append(content[_FIRST][0])
            cell = content[_REST][0]
        return items if isinstance(cell, ox.NamedNode) and cell.value == _NIL else None


class _Writer:
    """Writes a graph's terms and blocks; sorts by content, never by the parser's blank node names."""

    def __init__(self, graph: _Graph, names: _Names) -> None:
        self.graph = graph
        self.name = names
        self.labels = dict.fromkeys(graph.labelled, "_:")
        self._flat: dict[ox.BlankNode, str] = {}
        self._sorted: dict[Node, list[tuple[str, list[Term]]]] = {}
        self._rank: dict[ox.BlankNode, int] = {}
        if graph.labelled:
            content = {node: self._content(node) for node in graph.labelled}
            ranked = sorted(graph.labelled, key=lambda node: (content[node], node.value))
            self._rank = {node: place for place, node in enumerate(ranked, 1)}
            self.labels = {node: f"_:b{place}" for node, place in self._rank.items()}
            self._flat.clear()
            self._sorted.clear()

    def flat(self, term: Term) -> str:
        """Return ``term`` written without a line break of the layout."""
        if isinstance(term, ox.NamedNode):
            return "()" if term.value == _NIL else self.name(term.value)
        if isinstance(term, ox.Literal):
            return self._literal(term)
        if isinstance(term, ox.Triple):
            return f"<<( {' '.join(map(self._inside_triple_term, term))} )>>"
        if term in self.labels:
            return self.labels[term]
        if (text := self._flat.get(term)) is None:
            items = self.graph.list_items(term)
            if items is not None:
                text = f"( {' '.join(map(self.flat, items))} )"
            else:
                text = f"[ {self._content(term)} ]" if self.graph.objects.get(term) else "[]"
            self._flat[term] = text
        return text

    def _inside_triple_term(self, term: Term) -> str:
        """Return ``term`` with neither ``()`` nor three quotes, which the parser takes for errors there."""
        if isinstance(term, ox.NamedNode):
            return self.name(term.value)
        if isinstance(term, ox.Literal):
            return self._literal(term, long=False)
        return self.flat(term)

    def _literal(self, literal: ox.Literal, *, long: bool = True) -> str:
        datatype = literal.datatype.value
        if literal.language:
            direction = f"--{literal.direction.value}" if literal.direction else ""
            return f"{_quote(literal.value, long=long)}@{literal.language}{direction}"
        if datatype in _NATIVE and _NATIVE[datatype].fullmatch(literal.value):
            return literal.value
        suffix = "" if datatype == XSD + "string" else f"^^{self.name(datatype)}"
        return _quote(literal.value, long=long) + suffix

    def _content(self, node: Node) -> str:
        return " ; ".join(
            f"{self._predicate(predicate)} {' , '.join(map(self.flat, objects))}"
            for predicate, objects in self._properties(node)
        )

    def _predicate(self, iri: str) -> str:
        return "a" if iri == _TYPE else self.name(iri)

    def _properties(self, node: Node) -> list[tuple[str, list[Term]]]:
        """Return predicates and objects in the order in which they are written."""
        if (found := self._sorted.get(node)) is None:
            content = self.graph.objects.get(node, {})
            found = self._sorted[node] = [
                (
                    predicate,
                    sorted(content[predicate], key=self._type_key if predicate == _TYPE else self._key),
                )
                for predicate in sorted(content, key=lambda iri: (_ROW.get(iri, _OWN_ROW), iri))
            ]
        return found

    def _key(self, term: Term) -> tuple[int, str, str, str]:
        if isinstance(term, ox.NamedNode):
            return 0, term.value, "", ""
        if isinstance(term, ox.Literal):
            return 1, term.language or "", term.value, str(term)
        if isinstance(term, ox.BlankNode):
            return 2, self.flat(term), term.value, ""
        return 3, self.flat(term), str(term), ""

    def _type_key(self, term: Term) -> tuple[bool, tuple[int, str, str, str]]:
        return not (isinstance(term, ox.NamedNode) and term.value.startswith(OWL)), self._key(term)

    def _value(self, term: Term, column: int, indent: int) -> str:
        """Return ``term``, over several lines where it would pass WIDTH; its first line starts at ``column``."""
        text = self.flat(term)
        if _fits(text, column) or not isinstance(term, ox.BlankNode) or not text.startswith(("[ ", "( ")):
            return text
        items = self.graph.list_items(term)
        if items is None:
            return f"[{self._body(term, indent + 4, column + 1)}\n{' ' * indent}]"
        pad = " " * (indent + 4)
        inner = "\n".join(pad + self._value(item, indent + 4, indent + 4) for item in items)
        return f"(\n{inner}\n{' ' * indent})"

    def _property(self, predicate: str, objects: list[Term], column: int, indent: int) -> str:
        """Return a property with its values: on one line, or short names in full lines, or a line a value."""
        name = self._predicate(predicate)
        text = f"{name} {' , '.join(map(self.flat, objects))}"
        if _fits(text, column):
            return text
        if len(objects) == 1:
            return f"{name} {self._value(objects[0], column + len(name) + 1, indent)}"
        short = all(isinstance(item, ox.NamedNode) and not self.flat(item).startswith("<") for item in objects)
        pad = " " * (indent + 4)
        text, width = name, column + len(name)
        for place, item in enumerate(objects):
            comma = " ," if place else ""
            if place and not (short and width + len(comma) + 1 + len(self.flat(item)) + 2 <= WIDTH):
                text, width = f"{text}{comma}\n{pad}", len(pad)
            else:
                text, width = f"{text}{comma} ", width + len(comma) + 1
            value = self._value(item, width, indent + 4)
            text, width = text + value, _width(value, width)
        return text

    def _body(self, node: Node, indent: int, column: int) -> str:
        """Return all that is said of a node, its types at ``column`` of a line that is begun, the rest below."""
        text, row = "", -1
        pad = " " * indent
        for predicate, objects in self._properties(node):
            own_row = _ROW.get(predicate, _OWN_ROW)[0]
            flat = f"{self._predicate(predicate)} {' , '.join(map(self.flat, objects))}"
            if predicate == _TYPE:
                part = " " + self._property(predicate, objects, column + 1, indent)
            elif text and own_row == row != _OWN_ROW[0] and _fits(flat, column + 3):
                part = f" ; {flat}"
            else:
                part = f"{' ;' if text else ''}\n{pad}{self._property(predicate, objects, indent, indent)}"
                column = 0
            text += part
            column = _width(part, column)
            row = own_row
        return text

    def block(self, subject: Node) -> str:
        """Return a subject with all that is said of it, its comment above."""
        comment = self.graph.comments.get(subject)
        name = self.flat(subject) if not isinstance(subject, ox.BlankNode) else self.labels.get(subject, "[]")
        properties = self._properties(subject)
        flat = f" {self._content(subject)}"
        alone = len(properties) == 1 and _fits(flat, len(name))
        body = flat if alone else self._body(subject, 4, len(name))
        return (f"{comment}\n" if comment else "") + f"{name}{body} .\n"

    def _block_key(self, subject: Node) -> tuple[int, int, str]:
        """Return the sort key of a block: ontologies, declarations, IRIs, nameless blank nodes, labelled ones."""
        if isinstance(subject, ox.BlankNode):
            rank = self._rank.get(subject, 0)
            return (4, rank, "") if rank else (3, 0, self._content(subject))
        if ox.NamedNode(OWL + "Ontology") in self.graph.objects[subject].get(_TYPE, []):
            return 0, 0, subject.value
        return (1 if self._is_declared_only(subject) else 2), 0, subject.value

    def _is_declared_only(self, subject: Node) -> bool:
        content = self.graph.objects[subject]
        return set(content) == {_TYPE} and all(_text(kind).startswith(OWL) for kind in content[_TYPE])

    def _is_part(self, subject: Node) -> bool:
        """Tell whether a block is read with the one that names it: a property shape, a thing of one document.

        What the text of a document is read by, statements and notes, stands in the order of its IRIs.
        """
        if not isinstance(subject, ox.NamedNode):
            return False
        content = self.graph.objects[subject]
        if _PATH in content:
            return True
        of_document = subject.value.startswith(DOCUMENT) and "/" in subject.value[len(DOCUMENT) :]
        return of_document and not content.keys() & _READ_BY and not self._is_declared_only(subject)

    def _named(self, node: Node) -> Iterator[ox.NamedNode]:
        """Yield the IRIs that a block names as values, in the order in which it is written.

        What a note concerns is no part of the note.
        """
        for predicate, objects in self._properties(node):
            for item in objects if predicate not in _READ_BY else ():
                if isinstance(item, ox.NamedNode):
                    yield item
                elif isinstance(item, ox.BlankNode) and item in self.graph.nested:
                    yield from self._named(item)

    def _annotated(self, subject: Node) -> Term | None:
        """Return the term whose annotation a nameless axiom annotates, None for any other block."""
        if isinstance(subject, ox.NamedNode) or subject in self.labels:
            return None
        terms = self.graph.objects[subject].get(_ANNOTATED_SOURCE, ())
        return terms[0] if len(terms) == 1 else None

    def blocks(self) -> list[Node]:
        """Return the subjects in their order: by IRI, but each part after the first block that names it.

        The annotation of an annotation, such as the source of a label, is a part of its term.
        """
        subjects = sorted(self.graph.blocks(), key=self._block_key)
        parts = {subject for subject in subjects if self._is_part(subject)}
        named: dict[Term, list[Node]] = {
            subject: [name for name in dict.fromkeys(self._named(subject)) if name in parts] for subject in subjects
        }
        for subject in subjects:
            if (term := self._annotated(subject)) in named and term is not None:
                named[term].append(subject)
        inner = {part for subject, names in named.items() for part in names if part != subject}
        order: list[Node] = []
        claimed: set[Node] = set()
        # Parts that name each other in a circle are named by no other block, and come last.
        for start in (*(s for s in subjects if s not in inner), *(s for s in subjects if s in inner)):
            stack = [start] if start not in claimed else []
            claimed.add(start)
            while stack:
                order.append(stack.pop())
                new = [part for part in named[order[-1]] if part not in claimed]
                claimed.update(new)
                stack += reversed(new)
        return order


def _fits(text: str, column: int) -> bool:
    """Tell whether ``text`` and what ends it stay within WIDTH on a line, from ``column`` on."""
    return "\n" not in text and column + len(text) + 2 <= WIDTH


def _width(text: str, column: int) -> int:
    """Return the column at which ``text`` ends if it starts at ``column``."""
    return len(text) - text.rindex("\n") - 1 if "\n" in text else column + len(text)


def _text(term: Term) -> str:
    return term.value if isinstance(term, ox.NamedNode) else str(term)


def _put_together(blocks: Iterable[str]) -> list[str]:
    """Return the blocks, those of one line that follow each other as one."""
    found: list[str] = []
    previous = ""
    for block in blocks:
        if previous.count("\n") == block.count("\n") == 1:
            found[-1] += block
        else:
            found.append(block)
        previous = block
    return found


def _write(triples: list[ox.Triple], declared: Mapping[str, str], known: Mapping[str, str]) -> list[str]:
    """Return the parts of the text that the triples give: the prefix lines, then each block."""
    graph = _Graph(triples)
    if graph.labelled:
        graph = _Graph(canonical(triples))
    while True:
        names = _Names(declared, known)
        writer = _Writer(graph, names)
        blocks = _put_together(writer.block(subject) for subject in writer.blocks())
        kept = {prefix: iri for prefix, iri in declared.items() if prefix in names.used}
        # A declared prefix that nothing uses goes; a known one whose name it had taken may then come in.
        if {**known, **kept} == {**known, **declared} or not triples:
            break
        declared = kept
    shown = names.used if triples else declared.keys()
    head = "".join(f"@prefix {prefix}: <{names.table[prefix]}> .\n" for prefix in sorted(shown))
    return [head, *blocks]


def _format(text: str, prefixes: Mapping[str, str] | None, where: str | Path) -> str:
    text = plain_lines(text)
    triples, declared = parse(text, where, rename=False)
    header, owned = _collect_comments(text, where)
    if owned:
        triples = _one_comment_each(parse(_attach_comments(text, owned, where), where, rename=False)[0])
    if is_saved_through_rio(text):
        triples = _untype_lists(triples)
    known = FIXED_PREFIXES if prefixes is None else prefixes
    try:
        parts = _write(triples, declared, known)
    except RecursionError:
        raise SpacegovError(
            "blank nodes are nested too deep",
            where=where,
            mend="Give some of the inner nodes an IRI or a label.",
        ) from None
    head = "".join(f"{line}\n" for line in header)
    return "\n".join(part for part in (head, *parts) if part)


def format_turtle(text: str, prefixes: Mapping[str, str] | None = None) -> str:
    """Return ``text`` in the project's one format: the same graph, the same comments, ordered by content.

    ``prefixes`` (prefix → namespace, names.FIXED_PREFIXES if None) are used where the text declares none
    for a namespace. Raises SpacegovError where the text is not valid Turtle, or where a comment stands
    at a place that the format does not keep.
    """
    return _format(text, prefixes, "the Turtle text")


def _formatted(path: Path) -> bytes | None:
    """Return the formatted content of a file, None if it is what the file holds already."""
    data = read_bytes(path)
    new = _format(decode(data, path), None, path).encode()
    return new if new != data else None


def _replace(path: Path, data: bytes) -> None:
    """Put ``data`` in the place of the file at once, so that no reader sees half of it."""
    target = path.resolve()
    temporary = None
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
            temporary = Path(file.name)
            file.write(data)
        shutil.copymode(target, temporary)
        temporary.replace(target)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()
        raise SpacegovError(
            f"cannot write the file: {error.strerror}",
            where=path,
            mend="Check the permissions of its folder.",
        ) from error


def format_file(path: Path, check: bool) -> bool:
    """Bring a Turtle file into the project's format; return whether it was changed (``check``: would be).

    Raises SpacegovError where the file cannot be read, written, decoded as UTF-8 or parsed, or has a
    comment that would be lost; the file is then as it was.
    """
    return bool(format_paths([path], check))


def format_paths(paths: Iterable[Path], check: bool, *, tell: Callable[[str], None] | None = None) -> list[Path]:
    """Format Turtle files, and all ``*.ttl`` below folders; return the changed ones.

    With ``check`` nothing is written, and without it nothing until every file could be formatted. ``tell`` hears of
    each file as its turn comes. Raises as ``format_file``.
    """
    files = [file for path in paths for file in (files_below(path, ".ttl") if path.is_dir() else [path])]
    changed = {}
    for file in files:
        if tell:
            tell(str(file))
        if (new := _formatted(file)) is not None:
            changed[file] = new
    if not check:
        for file, new in changed.items():
            _replace(file, new)
    return list(changed)
