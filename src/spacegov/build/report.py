"""The report of a build: what was built, what was found, where and how to mend it; as text or for machines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from spacegov.build.build import STEPS, Checked
from spacegov.checks.gates import GATES, Breach
from spacegov.engines.validate import Finding
from spacegov.names import prefixes_for, shorten
from spacegov.rdf.graph import TYPE, Index, sg


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
    return [f for f in findings if f.severity.endswith("Violation")]


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
        "gates": {g: [_place(checked, b) for b in checked.breaches if b.gate == g] for g in GATES},
        "findings": [asdict(f) for f in checked.findings],
        "contradictions": [i.message for i in checked.graph.closure.inconsistencies],
        "questions": {
            a.question.name: {"rows": len(a.table.rows), "difference": a.difference} for a in checked.answers
        },
        "files": [p.relative_to(folder).as_posix() if folder else str(p) for p in files],
        "seconds": {k: round(v, 4) for k, v in checked.seconds.items()},
    }


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
    """Return the report as text; with ``only``, findings outside of these files are left out and counted.

    ``wrote`` is False for a run that was never to write anything.
    """
    graph = checked.graph.layers.index
    prefixes = prefixes_for(list(checked.graph.documents))
    wanted = {p.resolve() for p in only}
    root = checked.graph.inputs.project.root
    out = ["Built", *_table(counts(graph, len(checked.graph.closure.inferred)))]
    for name, c in checked.coverage.items():
        out += [
            "",
            f"Coverage of {name}",
            f"  {c.sentences_covered} of {c.sentences_total} sentences, "
            f"{c.items_covered} of {c.items_total} list items, "
            f"{c.share:.1%} of the characters outside headings and labels",
        ]
        out += [f"  not quoted, {u.sentence}: “{u.text}”" for u in c.uncovered]
    hidden = 0

    def where(node: str) -> str | None:
        nonlocal hidden
        path, line = checked.graph.inputs.locate(node)
        if wanted and (path is None or path.resolve() not in wanted):
            hidden += 1
            return None
        if path is None:
            return shorten(node, prefixes)
        shown = path.relative_to(root) if path.is_relative_to(root) else path
        return f"{shown}:{line}: {shorten(node, prefixes)}"

    out += ["", "Gates"]
    for gate in GATES:
        breaches = [b for b in checked.breaches if b.gate == gate]
        out.append(f"  {'passed' if not breaches else 'FAILED'}  {gate}" + (f" ({len(breaches)})" if breaches else ""))
        for breach in breaches:
            place = where(breach.node)
            if place:
                out += [f"    {place}", f"      {breach.what}", f"      To mend it: {breach.mend}"]
    bad = violations(checked.findings)
    out.append(f"  {'passed' if not bad else 'FAILED'}  shapes" + (f" ({len(bad)})" if bad else ""))
    for finding in checked.findings:
        place = where(finding.focus)
        if place:
            kind = "" if finding in bad else "worth a look: "
            out += [f"    {place}", f"      {kind}{finding.message} [{shorten(finding.shape, prefixes)}]"]
    contradictions = checked.graph.closure.inconsistencies
    out.append(f"  {'passed' if not contradictions else 'FAILED'}  consistent")
    out += [f"    {i.message}" for i in contradictions]
    changed = [a for a in checked.answers if a.difference]
    out += ["", f"Questions: {len(checked.answers)} answered, {len(changed)} not as expected"]
    out += [f"  {a.question.name}: {a.difference}" for a in changed]
    written = list(files)
    if written and folder:
        size = sum(p.stat().st_size for p in written)
        out += ["", f"Written to {folder}: {len(written)} files, {size / 1e6:.1f} MB"]
    elif checked.problems and wrote:
        out += ["", "Nothing was written; the last good dist stays as it was."]
    if hidden:
        out.append(f"{hidden} findings in other files are not shown.")
    times = ", ".join(f"{s} {checked.seconds[s]:.2f} s" for s in STEPS if s in checked.seconds)
    out += ["", f"Time: {sum(checked.seconds.values()):.2f} s ({times})"]
    return "\n".join(out)


def _table(numbers: dict[str, int]) -> list[str]:
    pairs = [f"{name:<21}{value:>8,}" for name, value in numbers.items()]
    half = (len(pairs) + 1) // 2
    return [f"  {a}    {b}".rstrip() for a, b in zip(pairs[:half], [*pairs[half:], ""][:half], strict=True)]
