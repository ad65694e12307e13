"""The command line: thin, and the only module that prints."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from spacegov import __version__
from spacegov.errors import SpacegovError

if TYPE_CHECKING:
    from spacegov.engines.sparql import Table
    from spacegov.project import Project
    from spacegov.rdf.graph import Index

FORMATS = ("table", "csv", "json", "tsv", "markdown")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="spacegov",
        description="What States say about outer space, as linked data: build it, check it, ask it.",
        epilog="Exit codes: 0 fine, 1 the graph has findings, 2 the command or its input is wrong.",
    )
    parser.add_argument("--version", action="version", version=f"spacegov {__version__}")
    parser.add_argument(
        "--project",
        type=Path,
        metavar="DIR",
        help="the folder with ontology/, data/ … (default: the nearest one)",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def add(name: str, text: str, example: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=text,
            description=text,
            epilog=f"Example: {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    build = add("build", "Check everything and write dist/.", "spacegov build --json > report.json")
    build.add_argument("--dist", type=Path, default=None, metavar="DIR", help="where to write (default: dist)")
    build.add_argument(
        "--engine",
        choices=("fast", "reference"),
        default="fast",
        help="reference: rdflib, owlrl and pySHACL only",
    )
    build.add_argument("--json", action="store_true", help="print the report as JSON")
    check = add(
        "check",
        "Check everything and write nothing.",
        "spacegov check data/chn-2021/statements/paragraph-5.ttl",
    )
    check.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="a project folder, or files to show findings of"
    )
    check.add_argument("--engine", choices=("fast", "reference"), default="fast", help=argparse.SUPPRESS)
    ask = add(
        "ask",
        "Ask a published question; without a name, list them.",
        "spacegov ask accusations-against-an-actor --set actor=ent:united-kingdom",
    )
    ask.add_argument("question", nargs="?", metavar="QUESTION")
    ask.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a prefixed name, an IRI, a label, or a text in double quotes",
    )
    query = add(
        "query",
        "Run a SPARQL query from a file, or from standard input with -.",
        "spacegov query queries/actors/accusations-against-an-actor.rq",
    )
    query.add_argument("file", metavar="FILE")
    for command in (ask, query):
        command.add_argument("--format", choices=FORMATS, default="table")
    show = add("show", "Show a term, entity, statement or passage as a page.", "spacegov show 'space security'")
    show.add_argument("name", nargs="+", metavar="NAME", help="an IRI, a prefixed name or a label")
    find = add("find", "Find notions, entities and statements by their words.", "spacegov find weaponisation")
    find.add_argument("words", nargs="+", metavar="WORD")
    find.add_argument("--limit", type=int, default=20, metavar="N", help="how many hits at most (default: 20)")
    diff = add(
        "diff",
        "Say what changed between two versions; exit 1 where a term was deleted.",
        "spacegov diff v0.1.0 .    (also two files, two folders, two git revisions)",
    )
    diff.add_argument(
        "old", nargs="?", metavar="OLD", help="a file, folder or git revision (default: the last release)"
    )
    diff.add_argument("new", nargs="?", metavar="NEW", help="likewise (default: the project as it is)")
    diff.add_argument("--json", action="store_true", help="print the changes as JSON")
    fmt = add("fmt", "Write Turtle files in the one format.", "spacegov fmt --check")
    fmt.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files or folders (default: the project's)")
    fmt.add_argument("--check", action="store_true", help="change nothing, exit 1 where a file would change")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in ``argv`` (default: the process's) and return its exit code."""
    arguments = _parser().parse_args(argv)
    try:
        return int(_COMMANDS[arguments.command](arguments))
    except SpacegovError as error:
        print(f"spacegov: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 0


def _project(arguments: argparse.Namespace) -> Project:
    from spacegov.project import find_project

    return find_project(arguments.project)


def _progress(name: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{name} …", end="", file=sys.stderr, flush=True)


def _done() -> None:
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def _dist(project: Project, chosen: Path | None) -> Path:
    from spacegov.project import is_installed

    if chosen is not None:
        return chosen
    return Path("dist") if is_installed(project) else project.root / "dist"


def _build(arguments: argparse.Namespace) -> int:
    from spacegov.build import build, report
    from spacegov.engines.choose import choose
    from spacegov.publish.dist import check_target, export

    engines = choose(arguments.engine)
    project = _project(arguments)
    dist = _dist(project, arguments.dist)
    check_target(dist, project)
    clock = build.Clock(_progress)
    try:
        checked = build.check(build.assemble(project, engines, clock), engines, clock)
        files: tuple[Path, ...] = ()
        if not checked.problems:
            with clock.step("export"):
                files = export(checked, dist)
            checked = build.with_seconds(checked, clock)
    finally:
        _done()
    if arguments.json:
        print(json.dumps(report.as_json(checked, files, dist), ensure_ascii=False, indent=1))
    else:
        print(report.as_text(checked, files, dist))
    return 1 if checked.problems else 0


def _check(arguments: argparse.Namespace) -> int:
    from spacegov.build import build, report
    from spacegov.engines.choose import choose

    folders = [p for p in arguments.paths if p.is_dir()]
    files = [p for p in arguments.paths if not p.is_dir()]
    for path in files:
        if not path.exists():
            raise SpacegovError("there is no such file", where=path, mend="name a file of the project, or its folder")
    if folders:
        arguments.project = folders[0]
    engines = choose(arguments.engine)
    clock = build.Clock(_progress)
    try:
        checked = build.check(build.assemble(_project(arguments), engines, clock), engines, clock)
    finally:
        _done()
    print(report.as_text(checked, only=files, wrote=False))
    return 1 if checked.problems else 0


def _graph(arguments: argparse.Namespace) -> tuple[Project, tuple]:  # type: ignore[type-arg]
    from spacegov.build.cache import snapshot

    project = _project(arguments)

    def make() -> tuple:  # type: ignore[type-arg]
        from spacegov.build import build
        from spacegov.engines.choose import FAST

        return build.assemble(project, FAST).triples

    return project, snapshot(project, _dist(project, None), make)


def _prefixes(project: Project) -> dict[str, str]:
    from spacegov.names import prefixes_for

    return prefixes_for([d.name for d in project.documents])


def _ask(arguments: argparse.Namespace) -> int:
    from spacegov.answers import questions
    from spacegov.engines import sparql

    project = _project(arguments)
    known = questions.read_questions(project.queries, project.root / "queries")
    if arguments.question is None:
        print(_catalogue(known))
        return 0
    question = questions.find_question(known, arguments.question)
    pairs = {}
    for item in arguments.set:
        name, equals, value = item.partition("=")
        if not equals:
            raise SpacegovError(f"--set {item!r} has no “=”", mend="write --set name=value")
        pairs[name.lstrip("?")] = value
    project, triples = _graph(arguments)
    prefixes = _prefixes(project)
    values = {}
    if pairs:
        from spacegov.answers.show import value_of
        from spacegov.rdf.graph import index

        graph = index(triples)
        values = {name: value_of(graph, text, prefixes) for name, text in pairs.items()}
    text, bindings = questions.bind(question, values)
    table = sparql.run(sparql.open_store(triples), text, bindings)
    if arguments.format == "table" and sys.stdout.isatty():
        print(question.question)
    print(_format(table, arguments.format, prefixes), end="")
    return 0


def _catalogue(known: Sequence[object]) -> str:
    from spacegov.answers.questions import Question

    out = []
    topic = ""
    for question in known:
        assert isinstance(question, Question)  # noqa: S101 - narrows the type
        head, _, tail = question.name.rpartition("/")
        if head != topic:
            topic = head
            out += ["", topic]
        settings = "".join(f"  [--set {name}=…]" for name, _ in question.parameters)
        out += [f"  {tail}{settings}", f"      {question.question}"]
    return "\n".join([*out, "", f"{len(known)} questions. Ask one: spacegov ask NAME"]).lstrip("\n")


def _query(arguments: argparse.Namespace) -> int:
    from spacegov.engines import sparql

    if arguments.file == "-":
        text = sys.stdin.read()
    else:
        try:
            text = Path(arguments.file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SpacegovError(
                f"the query cannot be read: {error}",
                where=arguments.file,
                mend="name a text file, or - for standard input",
            ) from None
    project, triples = _graph(arguments)
    table = sparql.run(sparql.open_store(triples), text)
    print(_format(table, arguments.format, _prefixes(project)), end="")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    from spacegov.answers.show import resolve, show

    graph, prefixes = _index(arguments)
    print(_wrap(show(graph, resolve(graph, " ".join(arguments.name), prefixes), prefixes)))
    return 0


def _find(arguments: argparse.Namespace) -> int:
    from spacegov.answers.find import find

    graph, prefixes = _index(arguments)
    hits = find(graph, " ".join(arguments.words), prefixes, arguments.limit)
    if not hits:
        print(f"Nothing holds {' '.join(arguments.words)!r}. Try fewer or other words.")
        return 1
    out = []
    for hit in hits:
        out.append(f"{hit.kind}: {hit.label}  ({hit.name})" + (f", {hit.passage}" if hit.passage else ""))
        if hit.excerpt:
            out.append(f"    {hit.excerpt}")
    print(_wrap("\n".join(out)))
    return 0


def _index(arguments: argparse.Namespace) -> tuple[Index, dict[str, str]]:
    from spacegov.rdf.graph import index

    project, triples = _graph(arguments)
    return index(triples), _prefixes(project)


def _diff(arguments: argparse.Namespace) -> int:
    from spacegov.answers import diff, versions
    from spacegov.project import find_project, is_installed

    root = arguments.project or Path.cwd()
    if None in (arguments.old, arguments.new) or not (Path(arguments.old).exists() and Path(arguments.new).exists()):
        project = find_project(arguments.project)
        root = root if is_installed(project) else project.root
    names = (arguments.old or versions.last_release(root), arguments.new or str(root))
    if names[0] is None:
        raise SpacegovError("there is no release to compare with", where=root, mend="name two versions: OLD NEW")
    old, new = versions.read_version(names[0], root, names[1]), versions.read_version(names[1], root, names[0])
    changes = diff.compare(old, new)
    if arguments.json:
        print(json.dumps(diff.as_json(old, new, changes), ensure_ascii=False, indent=1))
    else:
        print(_wrap(diff.as_text(old, new, changes)))
    return 1 if diff.removed_terms(changes) else 0


def _fmt(arguments: argparse.Namespace) -> int:
    from spacegov.project import input_files
    from spacegov.rdf.fmt import format_paths

    if arguments.paths:
        paths = [f for p in arguments.paths for f in (sorted(p.rglob("*.ttl")) if p.is_dir() else [p])]
    else:
        paths = [p for p in input_files(_project(arguments)) if p.suffix == ".ttl"]
    changed = format_paths(paths, arguments.check)
    for path in changed:
        print(f"{'would change' if arguments.check else 'changed'} {path}")
    print(f"{len(paths)} files, {len(changed)} {'to change' if arguments.check else 'changed'}")
    return 1 if arguments.check and changed else 0


def _wrap(text: str) -> str:
    if not sys.stdout.isatty():
        return text
    width = shutil.get_terminal_size().columns
    out = []
    for line in text.split("\n"):
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        out += textwrap.wrap(line, width, subsequent_indent=indent, break_on_hyphens=False) or [""]
    return "\n".join(out)


def _format(table: Table, style: str, prefixes: dict[str, str]) -> str:
    from spacegov.engines.sparql import cell, to_csv

    if style == "csv":
        return to_csv(table)
    if style == "tsv":
        rows = [
            ["" if c is None else str(c).replace("\t", "\\t").replace("\n", "\\n") for c in row] for row in table.rows
        ]
        return "".join("\t".join(r) + "\n" for r in [[f"?{c}" for c in table.columns], *rows])
    if style == "json":
        rows_json = [
            {k: cell(v) for k, v in zip(table.columns, row, strict=True) if v is not None} for row in table.rows
        ]
        return json.dumps(rows_json, ensure_ascii=False, indent=1) + "\n"
    short = [[_short(c, prefixes) for c in row] for row in table.rows]
    if style == "markdown":
        lines = [table.columns, ["---"] * len(table.columns), *short]
        return "".join(
            "| " + " | ".join(c.replace("|", "\\|").replace("\n", " ") for c in row) + " |\n" for row in lines
        )
    return _grid(table.columns, short)


def _short(term: object, prefixes: dict[str, str]) -> str:
    from pyoxigraph import NamedNode

    from spacegov.engines.sparql import cell
    from spacegov.names import shorten

    return shorten(term.value, prefixes) if isinstance(term, NamedNode) else cell(term)  # type: ignore[arg-type]


def _grid(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max([len(c), *(len(r[i]) for r in rows)]) for i, c in enumerate(columns)]
    if sys.stdout.isatty():
        room = shutil.get_terminal_size().columns - 2 * (len(columns) - 1)
        while sum(widths) > room and max(widths) > 12:
            widths[widths.index(max(widths))] -= 1
    out = []

    def line(cells: Sequence[str]) -> None:
        wrapped = [textwrap.wrap(c, w, break_on_hyphens=False) or [""] for c, w in zip(cells, widths, strict=True)]
        for i in range(max(len(w) for w in wrapped)):
            parts = [(w[i] if i < len(w) else "").ljust(n) for w, n in zip(wrapped, widths, strict=True)]
            out.append("  ".join(parts).rstrip())

    line(columns)
    out.append("  ".join("-" * w for w in widths))
    for row in rows:
        line(row)
    out.append(f"{len(rows)} row{'' if len(rows) == 1 else 's'}")
    return "\n".join(out) + "\n"


_COMMANDS = {
    "build": _build,
    "check": _check,
    "ask": _ask,
    "query": _query,
    "show": _show,
    "find": _find,
    "diff": _diff,
    "fmt": _fmt,
}

if __name__ == "__main__":
    sys.exit(main())
