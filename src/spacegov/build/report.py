"""The report of a build: what was built, what was found, where and how to mend it; as text or for machines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from spacegov.build.build import Checked
from spacegov.build.steps import STEPS
from spacegov.checks.gates import GATES, Breach
from spacegov.checks.hygiene import Fault
from spacegov.checks.protege import Loss
from spacegov.checks.slots import Slots
from spacegov.engines.validate import Finding
from spacegov.names import BASE, FIXED_PREFIXES, document_namespace, prefixes_for, shorten
from spacegov.project import here
from spacegov.rdf.graph import TYPE, Index, sg

CHECKS = {
    "attributed": "what a State claims is no fact of the graph",
    "grounded": "every quotation stands in the text, word for word",
    "complete": "every sentence and list item is covered by a statement",
    "computable": "what a statement says is structure, not prose",
    "neutral": "the ontology favours nobody",
    "shapes": "every record has what it needs",
    "consistent": "nothing contradicts the ontology",
    "hygiene": "the ontology keeps the rules for names, definitions and headers",
    "protege": "a save in Protégé loses nothing, and all is OWL 2 DL",
    "answers": "every question is answered as it was when a person read the answer",
}
"""What is checked, the gates first, and what holds where a check is passed."""


_OWN_IRI = re.compile(re.escape(BASE) + r"[\w#/-]+(?:\.[\w#/-]+)*")


@dataclass(frozen=True)
class Notice:
    """Something to mend or to look at: by which check, what, on which node (an IRI), where, and how to mend it."""

    check: str
    what: str
    node: str = ""
    path: Path | None = None
    line: int | None = None
    mend: str = ""


def _problems(checked: Checked) -> list[Notice]:
    """Return everything that makes a build fail."""
    return [
        *(Notice(b.gate, b.what, b.node, *_where(checked, b.node), b.mend) for b in checked.breaches),
        *(_finding(checked, f) for f in violations(checked.findings)),
        *(Notice("consistent", i.message) for i in checked.graph.closure.inconsistencies),
        *(_fault(checked, fault) for fault in checked.faults),
        *(_loss(loss) for loss in checked.losses if loss.grave),
        *(
            Notice(
                "answers",
                a.difference,
                path=a.question.path,
                mend=f"read the answer (spacegov ask {a.question.name}); if it is right, keep it: "
                f"spacegov query {_shown(a.question.path)} --format csv > {_shown(a.question.expected)}",
            )
            for a in checked.answers
            if a.difference
        ),
    ]


def _finding(checked: Checked, finding: Finding) -> Notice:
    shape = shorten(finding.shape, FIXED_PREFIXES)
    return Notice("shapes", f"{finding.message} [{shape}]", finding.focus, *_where(checked, finding.focus))


def _fault(checked: Checked, fault: Fault) -> Notice:
    path, line = (fault.path, fault.line) if fault.path else _where(checked, fault.node)
    return Notice("hygiene", f"{fault.what} [{fault.rule}]", fault.node, path, line, fault.mend)


def _loss(loss: Loss) -> Notice:
    return Notice("protege", loss.what, loss.node, loss.path, loss.line, loss.mend)


def _where(checked: Checked, node: str) -> tuple[Path | None, int | None]:
    """Return the file and line where ``node`` is described; of a passage, where it begins in the source text."""
    for document in checked.graph.inputs.documents:
        passage = checked.graph.documents[document.name].text.by_key.get(
            node.removeprefix(document_namespace(document.name))
        )
        if passage is not None:
            return document.source, document.text.count("\n", 0, passage.start) + 1
    return checked.graph.inputs.locate(node)


def counts(graph: Index, inferred: int) -> dict[str, int]:
    """Return how much of everything a graph holds, in the order in which a reader asks."""

    def number(name: str) -> int:
        return sum(1 for _ in graph.instances(sg(name)))

    entities = graph.subjects_of(sg("identityStatus"))
    passages = number("Section") + number("Heading") + number("Paragraph") + number("ListItem")
    return {
        "documents": number("Document"),
        "notions": len(graph.subjects(TYPE, sg("Notion"))),
        "relations": number("Relation"),
        "entities": len(entities),
        "passages": passages,
        "sentences": number("Sentence"),
        "statements": number("Statement"),
        "propositions": number("Proposition"),
        "described situations": number("DescribedSituation"),
        "editorial notes": number("EditorialNote"),
        "asserted triples": len(graph.triples),
        "inferred triples": inferred,
    }


def violations(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that make a build fail."""
    return [f for f in findings if _is_violation(f)]


def _is_violation(finding: Finding) -> bool:
    return finding.severity.endswith("Violation")


def as_json(checked: Checked, files: Iterable[Path], folder: Path | None) -> dict[str, object]:
    """Return the report as a JSON object; ``files`` are named relative to ``folder``."""
    graph = checked.graph.layers.index
    return {
        "passed": checked.problems == 0,
        "built": counts(graph, len(checked.graph.closure.inferred)),
        "coverage": {
            name: {
                "sentences": [c.sentences_covered, c.sentences_total],
                "items": [c.items_covered, c.items_total],
                "characters": [c.characters_covered, c.characters_total],
                "share": round(c.share, 4),
                "uncovered": [asdict(u) for u in c.uncovered],
            }
            for name, c in checked.coverage.items()
        },
        "language": {name: asdict(s) for name, s in checked.slots.items()},
        "gates": {g: [_place(checked, b) for b in checked.breaches if b.gate == g] for g in GATES},
        "findings": [asdict(f) for f in checked.findings],
        "hygiene": [_written(_fault(checked, fault)) for fault in checked.faults],
        "protege": [{**_written(_loss(loss)), "grave": loss.grave} for loss in checked.losses],
        "contradictions": [i.message for i in checked.graph.closure.inconsistencies],
        "questions": {
            a.question.name: {"rows": len(a.table.rows), "difference": a.difference} for a in checked.answers
        },
        "files": [p.relative_to(folder).as_posix() if folder else str(p) for p in files],
        "seconds": {k: round(v, 4) for k, v in checked.seconds.items()},
    }


def _written(notice: Notice) -> dict[str, object]:
    place = {"file": str(notice.path) if notice.path else None, "line": notice.line}
    return {"what": notice.what, "node": notice.node, "mend": notice.mend, **place}


def _place(checked: Checked, breach: Breach) -> dict[str, object]:
    path, line = checked.graph.inputs.locate(breach.node)
    return {**asdict(breach), "file": str(path) if path else None, "line": line}


def as_text(
    checked: Checked,
    files: Iterable[Path] = (),
    folder: Path | None = None,
    only: Iterable[Path] = (),
    *,
    wrote: bool = True,
) -> str:
    """Return the report as a page: what is wrong first, then what was built and what holds, at the end what to do next.

    With ``only``, findings outside of these files and folders are counted and not shown. ``wrote`` is False for a
    run that was never to write anything.
    """
    prefixes = prefixes_for(list(checked.graph.documents))
    problems = _problems(checked)
    remarks = [
        *(_finding(checked, f) for f in checked.findings if not _is_violation(f)),
        *(_loss(loss) for loss in checked.losses if not loss.grave),
    ]
    places = [path.resolve() for path in only]
    graph = checked.graph.layers.index
    out = [
        *_listed("Findings", problems, places, prefixes),
        *_listed("Worth a look", remarks, places, prefixes),
        "Built",
        *_built(counts(graph, len(checked.graph.closure.inferred))),
    ]
    for name, c in checked.coverage.items():
        out += [
            "",
            f"Coverage of {name}",
            f"  {c.sentences_covered} of {c.sentences_total} sentences, "
            f"{c.items_covered} of {c.items_total} list items, "
            f"{c.share:.1%} of the characters outside headings and labels",
        ]
        out += [f"  not quoted, {u.sentence}: “{u.text}”" for u in c.uncovered]
        out += _language(name, checked.slots[name], prefixes)
    out += ["", "Checks"]
    wide = max(map(len, CHECKS))
    for check, promise in CHECKS.items():
        bad = sum(problem.check == check for problem in problems)
        verdict = ("FAILED", _number(bad, "finding")) if bad else ("passed", promise)
        out.append(f"  {verdict[0]}  {check:<{wide}}  {verdict[1]}")
    times = ", ".join(f"{step} {checked.seconds[step]:.2f}" for step in STEPS if step in checked.seconds)
    out += ["", f"Time: {sum(checked.seconds.values()):.2f} s ({times})"]
    return "\n".join([*out, "", *_next(checked, list(files), folder, wrote=wrote)])


def _language(name: str, slots: Slots, prefixes: dict[str, str]) -> list[str]:
    """Return how much the claims of a document say in the common language, and where it has no word."""
    out = [
        "",
        f"Language of {name}",
        f"  {len(slots.hollow):,} of {slots.total:,} subjects and objects are hollow "
        f"({len(slots.hollow) / max(slots.total, 1):.1%}); {slots.bare:,} of these say something beside their kind",
        f"  {len(slots.lone):,} of {slots.statements:,} statements have only relations that no other has",
        f"  nothing fits: {len(slots.unfitting):,}",
    ]
    return out + [f"    {shorten(node, prefixes)}: “{words}”" for node, words in slots.unfitting]


def _next(checked: Checked, files: Sequence[Path], folder: Path | None, *, wrote: bool) -> list[str]:
    """Return how the run ended, and what a person may do now."""
    if checked.problems:
        kept = ["  Nothing was written; what an earlier build wrote stays as it was."] if wrote else []
        return [
            f"FAILED: {_number(checked.problems, 'finding')}, told at the top",
            *kept,
            "  Mend them and run “spacegov check” again; “spacegov check FILE” shows the findings in one file.",
        ]
    if not wrote:
        return ["Nothing is wrong", "  “spacegov build” writes the graph."]
    size = sum(path.stat().st_size for path in files)
    pages = [path for path in files if path.parts[-2:] == ("readback", "index.html")]
    return [
        f"Written to {_shown(folder or Path())}: {_number(len(files), 'file')}, {size / 1e6:.1f} MB",
        *(f"  Read the encoding beside its quotations: {_shown(page)}" for page in pages),
        "  Ask a question: spacegov ask (alone it lists them all)",
        "  Look for words: spacegov find arms race",
    ]


def _number(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _built(numbers: Mapping[str, int]) -> list[str]:
    """Return the counts in four lines."""
    lines = {
        "text": ("documents", "passages", "sentences"),
        "encoded": ("statements", "propositions", "described situations", "editorial notes"),
        "shared": ("notions", "relations", "entities"),
        "in all": ("asserted triples", "inferred triples"),
    }
    return [f"  {head:<9}" + ", ".join(f"{name} {numbers[name]:,}" for name in names) for head, names in lines.items()]


def _listed(title: str, notices: Sequence[Notice], places: Sequence[Path], prefixes: dict[str, str]) -> list[str]:
    """Return ``notices`` in the order of their places; those outside of ``places``, if there are any, are counted."""
    if not notices:
        return []
    out = [f"{title}: {len(notices):,}"]
    shown = [n for n in notices if not places or (n.path and any(n.path.resolve().is_relative_to(p) for p in places))]
    before = ""
    for notice in sorted(shown, key=lambda n: (n.path is None, str(n.path), n.line or 0, n.node)):
        name = shorten(notice.node, prefixes) if notice.node else ""
        place = ": ".join(part for part in (_at(notice), name) if part)
        out += [f"  {place}"] if place != before else []
        before = place
        what = _OWN_IRI.sub(lambda iri: shorten(iri[0], prefixes), notice.what)
        first, *more = what.splitlines()
        out += [f"    {notice.check}: {first}", *(f"      {line.strip()}" for line in more)]
        out += [f"      To mend it: {notice.mend}"] if notice.mend else []
    if len(shown) < len(notices):
        out.append(f"  {_number(len(notices) - len(shown), 'finding')} elsewhere, not shown")
    return [*out, ""]


def _at(notice: Notice) -> str:
    if notice.path is None:
        return ""
    return _shown(notice.path) + (f":{notice.line}" if notice.line is not None else "")


def _shown(path: Path) -> str:
    """Return ``path`` on one line, as it is named from the current folder where it is below."""
    folder = here()
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path).replace("\n", "\\n")
