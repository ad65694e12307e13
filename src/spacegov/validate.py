"""Check triples against SHACL shapes (https://www.w3.org/TR/shacl/), with the compiled engine shacl_rust.

The engine passes over what it cannot read: a property shape without a path, a reference to a shape that
is not there, a count that is no number. So :func:`validate` reads the shapes first and refuses those
(:func:`malformed_shapes`). It takes no notice of ``sh:deactivated`` either; deactivated shapes are taken out.

In a message ``{?x}`` and ``{$x}`` stand for what a SPARQL constraint selected, and in every message for the
focus node (``this``), ``value``, ``path`` and the shape's own parameters (``{$minCount}``). IRIs and the
text of literals go in as they are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import shacl_rust
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from spacegov.errors import SpacegovError
from spacegov.names import RDF, SH, local_name

Node = NamedNode | BlankNode | Literal | Triple
Shapes = Mapping[Node, Mapping[str, list[Node]]]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One result of a validation, as text: full IRIs, ``_:b`` for a blank node, the text of a literal.

    ``component`` is the IRI of the constraint component, ``path`` an IRI or a path in SPARQL's notation.
    ``path`` and ``value`` are empty where the result has none.
    """

    focus: str
    shape: str
    component: str
    path: str
    value: str
    severity: str
    message: str


_OPEN, _CLOSE = "\ue000", "\ue001"
_OWNED = "\ue002"
_VARIABLE = re.compile(r"\{[?$](\w+)\}")
_FILLED = re.compile(f"{_OPEN}(.*?){_CLOSE}", re.DOTALL)
_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"(?:@[\w-]+|\^\^<[^>]*>)?', re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_ESCAPED = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}


def mark(shapes: Iterable[Triple]) -> list[Triple]:
    """Return the shapes with each ``sh:message`` marked, so that :func:`message_for` knows it again.

    Marked are where the message begins, whether it belongs to a SPARQL constraint (0) or a shape (1), its
    language, and each place that an engine may fill. The marks are characters for private use.
    """
    shapes = list(shapes)
    constraints = {t.object for t in shapes if t.predicate.value == SH + "sparql"}
    marked = []
    for triple in shapes:
        text = triple.object
        if triple.predicate.value == SH + "message" and isinstance(text, Literal):
            body = _VARIABLE.sub(lambda m: f"{_OPEN}{m[0]}{_CLOSE}", text.value)
            rank = 0 if triple.subject in constraints else 1
            owned = Literal(f"{_OWNED}{rank}{text.language or ''}{_OWNED}{body}")
            triple = Triple(triple.subject, triple.predicate, owned)  # noqa: PLW2901 - the same triple, marked
        marked.append(triple)
    return marked


def plain(term: str) -> str:
    """Return a term in N-Triples notation as a person reads it: the IRI, or the text of the literal."""
    if term.startswith("<") and term.endswith(">") and " " not in term:
        return term[1:-1]
    if match := _LITERAL.fullmatch(term):
        return _ESCAPE.sub(lambda m: chr(int(m[1][1:], 16)) if len(m[1]) > 1 else _ESCAPED.get(m[1], m[1]), match[1])
    return term


def parameters(shapes: Shapes, shape: Node) -> dict[str, str]:
    """Return what messages may name of a shape: its SHACL parameters that have one value each."""
    return {
        predicate.removeprefix(SH): plain(str(values[0]))
        for predicate, values in shapes.get(shape, {}).items()
        if predicate.startswith(SH) and len(values) == 1
    }


def message_for(messages: Iterable[str], component: str, known: Mapping[str, str]) -> str:
    """Return the message of a result: the constraint's own, else the shape's; English where there is a choice.

    ``messages`` are as an engine returned them, from shapes that :func:`mark` marked. ``known`` fills what
    the engine left open; a variable that nothing fills stays as it is written.
    """
    owned = []
    for message in messages:
        if message.startswith(_OWNED):
            head, body = message[1:].split(_OWNED, 1)
            owned.append((head[0], head[1:] not in ("", "en"), head[1:], body))
    if not owned:
        constraint = local_name(component).removesuffix("ConstraintComponent")
        return f"{constraint} does not hold for {known['this']}" + (f": {known['value']}" if known.get("value") else "")

    def fill(match: re.Match[str]) -> str:
        variable = _VARIABLE.fullmatch(match[1])
        if variable:
            name = {"PATH": "path"}.get(variable[1], variable[1])
            return known.get(name) or match[1]
        return plain(match[1])

    return _FILLED.sub(fill, min(owned)[-1])


def index(shapes: Iterable[Triple]) -> Shapes:
    """Return the shapes as subject → predicate IRI → objects."""
    table: dict[Node, dict[str, list[Node]]] = defaultdict(lambda: defaultdict(list))
    for triple in shapes:
        table[triple.subject][triple.predicate.value].append(triple.object)
    return table


def _members(shapes: Shapes, cell: Node) -> list[Node]:
    """Return the members of a list."""
    members = []
    while first := shapes.get(cell, {}).get(RDF + "first"):
        members.append(first[0])
        cell = shapes[cell][RDF + "rest"][0]
    return members


_LINKS = ("property", "node", "not", "qualifiedValueShape")
_LIST_LINKS = ("and", "or", "xone")
_TARGETS = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf", "target")
_COUNTS = ("minCount", "maxCount", "qualifiedMinCount", "qualifiedMaxCount", "minLength", "maxLength")


def malformed_shapes(shapes: Iterable[Triple]) -> tuple[str, ...]:
    """Return a sentence for each mistake in the shapes that the engine would pass over without a word.

    That is: a reference to a shape that nothing is said of, a property shape without exactly one path, a
    count that is not an integer, a pattern that is not a regular expression, a SPARQL constraint or target
    without a query.
    """
    table = index(shapes)
    found = []
    for subject, said in table.items():
        where = plain(str(subject))
        linked = [(link, o) for link in _LINKS for o in said.get(SH + link, [])]
        linked += [(k, m) for k in _LIST_LINKS for o in said.get(SH + k, []) for m in _members(table, o)]
        for link, shape in linked:
            if shape not in table:
                found.append(f"{where} refers by sh:{link} to {plain(str(shape))}, of which nothing is said")
            elif link == "property" and len(table[shape].get(SH + "path", [])) != 1:
                found.append(f"{plain(str(shape))} is used as a property shape and has not exactly one sh:path")
        for count in _COUNTS:
            for value in said.get(SH + count, []):
                if not (isinstance(value, Literal) and value.value.isdecimal()):
                    found.append(f"{where} has sh:{count} {value}, which is not an integer")
        for pattern in said.get(SH + "pattern", []):
            try:
                re.compile(plain(str(pattern)))
            except re.error as error:
                found.append(f"{where} has a sh:pattern that is not a regular expression: {error}")
        for key in ("sparql", "target"):
            for query in said.get(SH + key, []):
                if len(table.get(query, {}).get(SH + "select", [])) != 1:
                    found.append(f"{where} has a sh:{key} without exactly one sh:select")
    return tuple(sorted(found))


def shapes_without_iri(shapes: Iterable[Triple]) -> tuple[str, ...]:
    """Return a sentence for each shape that a finding could name and that is a blank node.

    These are property shapes, node shapes under ``sh:node``, and shapes with a type or a target. The members of
    ``sh:or`` and the like are exempt: no finding names them.
    """
    table = index(shapes)
    found = []
    for subject, said in table.items():
        where = plain(str(subject)) if isinstance(subject, NamedNode) else "a shape without an IRI"
        for link in ("property", "node"):
            for shape in said.get(SH + link, []):
                if isinstance(shape, BlankNode):
                    path = table.get(shape, {}).get(SH + "path", [])
                    on = f" (on {plain(str(path[0]))})" if path and isinstance(path[0], NamedNode) else ""
                    found.append(f"{where} has a sh:{link} without an IRI{on}")
        if isinstance(subject, BlankNode):
            types = {plain(str(o)) for o in said.get(RDF + "type", [])}
            if types & {SH + "NodeShape", SH + "PropertyShape"}:
                found.append(f"a {local_name(min(types))} has no IRI")
            for target in _TARGETS:
                for o in said.get(SH + target, []):
                    found.append(f"the shape with sh:{target} {plain(str(o))} has no IRI")
    return tuple(sorted(found))


def _active(shapes: list[Triple]) -> list[Triple]:
    """Return the shapes without those that are deactivated, and without the references to them."""
    off = {
        t.subject for t in shapes if t.predicate.value == SH + "deactivated" and plain(str(t.object)) in ("true", "1")
    }
    return [t for t in shapes if t.subject not in off and t.object not in off]


def _text(triples: Iterable[Triple]) -> str:
    """Return the triples as N-Triples."""
    return (serialize(triples, format=RdfFormat.N_TRIPLES) or b"").decode()


def validate(data: Iterable[Triple], shapes: Iterable[Triple]) -> tuple[Finding, ...]:
    """Return what breaks the shapes, sorted, each finding once; nothing where the data conforms.

    The data must hold the class hierarchy that ``sh:class`` and ``sh:targetClass`` walk. Findings of every
    severity come back. SpacegovError is raised where a shape is malformed or has a query that does not parse.
    """
    shapes = list(shapes)
    if mistakes := malformed_shapes(shapes):
        raise SpacegovError("; ".join(mistakes), where="the shapes", mend="Correct these shapes.")
    marked = _active(mark(shapes))
    table = index(shapes)
    try:
        report = shacl_rust.validate(
            _text(data),
            _text(marked),
            data_format="nt",
            shapes_format="nt",
            experimental_index=True,
        )
    except ValueError as error:
        raise SpacegovError(str(error), where="the shapes", mend="Correct the shape it speaks of.") from error
    findings = set()
    for result in report["results"]:
        shape = plain(result["sourceShape"])
        broken = [m for m in result["messages"] if m.startswith("SPARQL parse error")]
        if broken:
            raise SpacegovError(broken[0], where=shape, mend="Correct its query, or declare its prefixes.")
        known = {
            **parameters(table, NamedNode(shape) if not shape.startswith("_:") else BlankNode(shape[2:])),
            "this": plain(result["focusNode"]),
            "value": plain(result.get("value", "")),
            "path": plain(result.get("resultPath", "")),
        }
        component = plain(result["sourceConstraintComponent"])
        findings.add(
            Finding(
                focus=known["this"],
                shape=shape,
                component=component,
                path=known["path"],
                value=known["value"],
                severity=plain(result["severity"]),
                message=message_for(result["messages"], component, known),
            )
        )
    return tuple(sorted(findings))
