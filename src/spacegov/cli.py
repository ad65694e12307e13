"""The command line: arguments in, one call, an exit code out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from spacegov import __version__, terminal
from spacegov.errors import SYSTEM, SpacegovError, explained

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from spacegov.answers.questions import Question
    from spacegov.engines.sparql import Source, Table
    from spacegov.project import Project

FORMATS = ("table", "csv", "json", "tsv", "markdown")
SHELLS = ("bash", "zsh", "fish")
_WRONG = 2
_INTERRUPTED = 130
"""The exit code of a process that Ctrl-C ended (128 and the number of the signal)."""
_PATH = click.Path(path_type=Path)
_Command = Callable[..., int]
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Settings:
    """What holds for every command: the folder of the project (None: the nearest), how standard output is written."""

    project: Path | None
    screen: terminal.Screen


def _print_help(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        terminal.write(ctx.get_help() + "\n")
        ctx.exit()


def _print_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        terminal.write(f"spacegov {__version__}\n")
        ctx.exit()


class _Helped(click.Command):
    """A command whose help is written as everything else is."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.callback = _print_help
        return option


class _Group(_Helped, click.Group):
    """Commands in the order in which a newcomer needs them."""

    command_class = _Helped

    def invoke(self, ctx: click.Context) -> int:
        try:
            with explained("the command cannot go on", only=SYSTEM):
                return int(super().invoke(ctx))
        except SpacegovError as error:
            return _fail(_told(error), plain=ctx.params["plain"])

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


def _examples(*lines: str) -> str:
    head = "Examples:" if len(lines) > 1 else "Example:"
    return "\n".join(("\b", head, *(f"  spacegov {line}" for line in lines)))


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="What States say about outer space, as linked data: build, check, ask it.",
    epilog=_examples("build", "ask who-accuses-whom", "ask --help")
    + "\n\n\b\nExit codes:\n  0 fine, 1 the graph has findings, 2 the command or its input is wrong"
    + "\n\n\b\nEnvironment:\n  COLUMNS         the width of tables and pages; a pipe has none without it"
    + f"\n  NO_COLOR        no colours\n  {terminal.PLAIN}  1: as --plain",
)
@click.option(
    "--project",
    type=_PATH,
    metavar="DIR",
    help="The folder with ontology/, data/ ... (default: the nearest one).",
)
@click.option(
    "--plain",
    is_flag=True,
    envvar=terminal.PLAIN,
    help="For screen readers: no lines, colours or progress bar; tables row by row.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
@click.pass_context
def app(ctx: click.Context, project: Path | None, plain: bool) -> None:
    """Keep what holds for every command; its help is above."""
    ctx.obj = Settings(project, terminal.screen(sys.stdout, plain=plain))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in ``argv`` (default: the process's) and return its exit code."""
    try:
        return int(app.main(argv, prog_name="spacegov", standalone_mode=False) or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        return _fail(error.format_message())
    except click.UsageError as error:
        command, options = (error.ctx.command_path, error.ctx.find_root().params) if error.ctx else ("spacegov", {})
        text = f"spacegov: {error.format_message()}\n  To mend it: see “{command} --help”"
        return _fail(text, plain=options.get("plain", False))
    except SpacegovError as error:  # the help could not be written
        return _fail(_told(error))
    except (click.Abort, KeyboardInterrupt):
        _fail("spacegov: interrupted")
        return _INTERRUPTED


def _told(error: SpacegovError) -> str:
    """Return the message; the place is on one line, whatever the name of the file."""
    return "spacegov: " + str(error).replace(error.where, error.where.replace("\n", "\\n"), 1)


def _fail(text: str, *, plain: bool = False) -> int:
    terminal.complain(text, plain=plain)
    return _WRONG


def _project(settings: Settings) -> Project:
    from spacegov.project import find_project

    return find_project(settings.project)


def _dist(project: Project) -> Path:
    from spacegov.project import is_installed

    return Path("dist") if is_installed(project) else project.root / "dist"


def _engine(command: _Command) -> _Command:
    return click.option(
        "--engine",
        type=click.Choice(("fast", "reference")),
        default="fast",
        help="reference: rdflib, owlrl and pySHACL only.",
    )(command)


@app.command("build", epilog=_examples("build", "build --json > report.json", "build --dist /srv/space-governance"))
@click.option("--dist", type=_PATH, metavar="DIR", help="Where to write (default: dist).")
@_engine
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_obj
def _build(settings: Settings, dist: Path | None, engine: str, as_json: bool) -> int:
    """Check everything and write dist/."""
    from spacegov.build.steps import STEPS
    from spacegov.publish import jobs

    project = _project(settings)
    outcome = _run(settings, STEPS, "the build", jobs.build, project, dist or _dist(project), engine)
    if as_json:
        terminal.write_data(_json(outcome.data))
    else:
        terminal.write(terminal.page(outcome.text, settings.screen))
    return 1 if outcome.problems else 0


@app.command("check", epilog=_examples("check", "check data/chn-2021/statements/paragraph-5.ttl"))
@click.argument("paths", nargs=-1, type=_PATH, metavar="[PATH]...")
@_engine
@click.pass_obj
def _check(settings: Settings, paths: tuple[Path, ...], engine: str) -> int:
    """Check everything and write nothing.

    PATH is a project's folder, or a file or folder in the project: only findings there are shown, others are counted.
    """
    from spacegov.build.steps import STEPS
    from spacegov.project import find_project, is_project
    from spacegov.publish import jobs

    for path in paths:
        if not path.exists():
            raise SpacegovError(
                "there is no such file or folder", where=path, mend="name a file of the project, or its folder"
            )
    roots = [path for path in paths if is_project(path)]
    if len(roots) > 1 or (roots and settings.project):
        raise SpacegovError("several projects are named", mend="check them one after another")
    project = find_project(roots[0] if roots else settings.project)
    only = [path for path in paths if path not in roots]
    for path in only:
        if not path.resolve().is_relative_to(project.root.resolve()):
            raise SpacegovError(
                f"this is not in the project {project.root}", where=path, mend="name the project with --project DIR"
            )
    outcome = _run(settings, STEPS[:-1], "the check", jobs.check, project, only, engine)
    terminal.write(terminal.page(outcome.text, settings.screen))
    return 1 if outcome.problems else 0


def _run(settings: Settings, steps: Sequence[str], what: str, job: Callable[..., _Result], *args: object) -> _Result:
    """Run the long work of a command in a process that can be ended, and show its steps."""
    from spacegov.engines import limits

    mend = "look for a file far larger than the others, and for a property or query that ties everything to everything"
    with _progress(settings, steps) as tell:
        return limits.call(job, *args, limits=limits.JOB, what=what, mend=mend, told=tell)


def _progress(settings: Settings, steps: Sequence[str]) -> AbstractContextManager[Callable[[str], None]]:
    return terminal.progress(steps, terminal.screen(sys.stderr, plain=settings.screen.plain))


def _open(settings: Settings, project: Project, *, unseen: bool = False) -> Source:
    from spacegov.build.cache import open_graph

    opened = open_graph(project, partial(_progress, settings), unseen=unseen)
    if opened.notice:
        terminal.complain(f"spacegov: {opened.notice}", plain=settings.screen.plain)
    return opened.source


def _prefixes(project: Project) -> dict[str, str]:
    from spacegov.names import prefixes_for

    return prefixes_for([d.name for d in project.documents])


def _questions(project: Project) -> tuple[Question, ...]:
    from spacegov.answers.questions import read_questions

    return read_questions(project.queries, project.root / "queries")


def _complete_question(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    known = {q.name.rsplit("/", 1)[-1]: q for q in _questions_to_complete(ctx)}
    known |= {q.name: q for q in known.values() if "/" in incomplete}
    return [CompletionItem(name, help=q.question) for name, q in known.items() if name.startswith(incomplete)]


def _complete_setting(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    name = ctx.params.get("name") or next(iter(ctx.args), None)  # an argument, while --set waits for its value
    items = []
    for question in _questions_to_complete(ctx):
        if name in (question.name, question.name.rsplit("/", 1)[-1]):
            for parameter, default in question.parameters:
                first = default.partition(" ")[0]
                value = "" if first.startswith(("<", '"')) else first
                items.append(CompletionItem(f"{parameter}={value}", help=question.question))
    return [item for item in items if item.value.startswith(incomplete)]


def _questions_to_complete(ctx: click.Context) -> tuple[Question, ...]:
    from spacegov.project import find_project

    try:
        return _questions(find_project(ctx.find_root().params.get("project")))
    except SpacegovError:  # to be told when the command runs, not in the middle of a line
        return ()


_format = click.option(
    "--format",
    "style",
    type=click.Choice(FORMATS),
    default=FORMATS[0],
    metavar="FORMAT",
    help="table (the default), csv, json, tsv or markdown; all but table in UTF-8.",
)


@app.command(
    "ask",
    epilog=_examples(
        "ask",
        "ask who-accuses-whom",
        "ask accusations-against-an-actor --set actor=ent:united-kingdom",
        "ask accusations-against-an-actor --set actor=NATO --format csv",
    ),
)
@click.argument("name", required=False, metavar="[QUESTION]", shell_complete=_complete_question)
@click.option(
    "--set",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    shell_complete=_complete_setting,
    help="Set a parameter of the question: to a prefixed name, an IRI, a label, or a text in double quotes.",
)
@_format
@click.pass_obj
def _ask(settings: Settings, name: str | None, parameters: tuple[str, ...], style: str) -> int:
    """Ask a published question; without a name, list them."""
    from spacegov.answers import questions

    project = _project(settings)
    known = _questions(project)
    if name is None:
        terminal.write(terminal.page(questions.catalogue(known), settings.screen))
        return 0
    question = questions.find_question(known, name)
    pairs = _pairs(parameters)
    source = _open(settings, project)
    prefixes = _prefixes(project)
    values = {}
    if pairs:
        from spacegov.answers.lookup import value_of

        values = {name: value_of(source, text, prefixes) for name, text in pairs.items()}
    table = source.select(questions.bind(question, values))
    if style == "table" and settings.screen.terminal:
        terminal.write(terminal.page(question.question, settings.screen))
    _answer(table, style, prefixes, settings.screen)
    return 0


def _pairs(parameters: Sequence[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for item in parameters:
        name, equals, value = item.partition("=")
        name = name.strip().lstrip("?")
        if not (equals and name and value.strip()):
            raise SpacegovError(f"--set {item!r} is not NAME=VALUE", mend="write --set name=value")
        if name in pairs:
            raise SpacegovError(f"--set gives {name!r} two values", mend="ask once for each value")
        pairs[name] = value
    return pairs


@app.command(
    "query",
    epilog=_examples(
        "query queries/actors/accusations-against-an-actor.rq",
        "query - --format json < my-query.rq",
    ),
)
@click.argument("file", type=click.Path(allow_dash=True))
@_format
@click.pass_obj
def _query(settings: Settings, file: str, style: str) -> int:
    """Run a SPARQL query from FILE, or from standard input with -."""
    text = _read_query(file)
    project = _project(settings)
    table = _open(settings, project, unseen=True).select(text)
    _answer(table, style, _prefixes(project), settings.screen)
    return 0


def _read_query(file: str) -> str:
    from spacegov.files import decode, plain_lines, read_text, refuse_unfit

    if file != "-":
        return plain_lines(read_text(Path(file)))
    where = "standard input"
    if sys.stdin is None:
        raise SpacegovError("there is none", where=where, mend="name a text file in UTF-8")
    with explained("cannot read the query", where=where):
        text = decode(sys.stdin.buffer.read(), where)
    refuse_unfit(text, where)
    return plain_lines(text)


def _answer(table: Table, style: str, prefixes: dict[str, str], screen: terminal.Screen) -> None:
    if style == "table":
        rows = [[_short(cell, prefixes) for cell in row] for row in table.rows]
        terminal.write(terminal.table(table.columns, rows, screen))
    else:
        terminal.write_data(_data(table, style, prefixes))


@app.command("show", epilog=_examples("show 'space security'", "show sg:SpaceSecurity", "show chn:s-5-2-04"))
@click.argument("name", nargs=-1, required=True)
@click.pass_obj
def _show(settings: Settings, name: tuple[str, ...]) -> int:
    """Show a term, entity, statement or passage as a page.

    NAME is an IRI, a prefixed name or a label.
    """
    from spacegov.answers.lookup import resolve
    from spacegov.answers.show import show

    project = _project(settings)
    source, prefixes = _open(settings, project), _prefixes(project)
    terminal.write(terminal.page(show(source, resolve(source, " ".join(name), prefixes), prefixes), settings.screen))
    return 0


@app.command("find", epilog=_examples("find weaponisation", "find --limit 50 arms race"))
@click.argument("words", nargs=-1, required=True, metavar="WORD...")
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, metavar="N", help="How many hits at most (default: 20)."
)
@click.pass_obj
def _find(settings: Settings, words: tuple[str, ...], limit: int) -> int:
    """Find notions, entities and statements by words.

    A WORD is found in any inflection, British or American, with or without accents; the best hits come first.
    """
    from spacegov.answers.find import find

    project = _project(settings)
    hits = find(_open(settings, project), " ".join(words), _prefixes(project), limit)
    if not hits:
        terminal.write(terminal.page(f"Nothing holds “{' '.join(words)}”. Try fewer or other words.", settings.screen))
        return 1
    out = []
    for hit in hits:
        out.append(f"{hit.kind}: {hit.label}  ({hit.name})" + (f", {hit.passage}" if hit.passage else ""))
        if hit.excerpt:
            out.append(f"    {hit.excerpt}")
    if len(hits) == limit:
        out += ["", f"The best {limit}; --limit N shows more."]
    terminal.write(terminal.page("\n".join(out), settings.screen))
    return 0


@app.command(
    "diff", epilog=_examples("diff", "diff v0.1.0 .", "diff HEAD ontology/conduct.ttl", "diff v0.1.0 . --json")
)
@click.argument("old", required=False)
@click.argument("new", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the changes as JSON.")
@click.pass_obj
def _diff(settings: Settings, old: str | None, new: str | None, as_json: bool) -> int:
    """Say what changed between two versions, in words.

    OLD and NEW are files, folders or git revisions (default: the last release, and the project as it is). The exit
    code is 1 where a term was deleted.
    """
    from spacegov.answers import diff, versions
    from spacegov.project import here, is_installed

    root = settings.project or here()
    if old is None or new is None or not (Path(old).exists() and Path(new).exists()):
        project = _project(settings)
        root = root if is_installed(project) else project.root
    old, new = old or versions.last_release(root), new or str(root)
    if old is None:
        raise SpacegovError("there is no release to compare with", where=root, mend="name two versions: OLD NEW")
    before, after = versions.read_version(old, root, new), versions.read_version(new, root, old)
    changes = diff.compare(before, after)
    if as_json:
        terminal.write_data(_json(diff.as_json(before, after, changes)))
    else:
        terminal.write(terminal.page(diff.as_text(before, after, changes), settings.screen))
    return 1 if diff.removed_terms(changes) else 0


@app.command("fmt", epilog=_examples("fmt", "fmt --check", "fmt data/events.ttl"))
@click.argument("paths", nargs=-1, type=_PATH, metavar="[PATH]...")
@click.option("--check", is_flag=True, help="Change nothing, exit 1 where a file would change.")
@click.pass_obj
def _fmt(settings: Settings, paths: tuple[Path, ...], check: bool) -> int:
    """Write Turtle files in the one format.

    PATH is a file or a folder (default: the project's); of a project's folder the input files are taken.
    """
    from spacegov.engines import limits
    from spacegov.files import files_below
    from spacegov.project import find_project, input_files, is_project
    from spacegov.rdf.fmt import format_paths

    files: list[Path] = []
    for path in paths or (None,):
        if path is None or is_project(path):
            project = find_project(path or settings.project)
            files += [file for file in input_files(project) if file.suffix == ".ttl"]
        elif path.is_dir():
            files += files_below(path, ".ttl")
        else:
            files.append(path)
    mend = "give blank nodes that look alike an IRI, or say something of each that tells them apart"
    changed = limits.call(
        format_paths, files, check, limits=limits.JOB, what="the formatting", mend=mend, told=lambda _: None
    )
    out = [f"{'would change' if check else 'changed'} {path}" for path in changed]
    out.append(f"{len(files)} files, {len(changed)} {'to change' if check else 'changed'}")
    terminal.write(terminal.page("\n".join(out), settings.screen))
    return 1 if check and changed else 0


@app.command(
    "completion",
    epilog=_examples(
        "completion bash >> ~/.bash_completion",
        "completion zsh > ~/.zfunc/_spacegov    (a folder of your fpath)",
        "completion fish > ~/.config/fish/completions/spacegov.fish",
    ),
)
@click.argument("shell", type=click.Choice(SHELLS))
def _completion(shell: str) -> int:
    """Print what makes your shell complete commands.

    Also options, the names of questions and their parameters. Write it where the shell looks for it.
    """
    from click.shell_completion import get_completion_class

    completer = get_completion_class(shell)
    if completer is not None:
        terminal.write_data(completer(app, {}, "spacegov", "_SPACEGOV_COMPLETE").source() + "\n")
    return 0


def _json(value: object) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _data(table: Table, style: str, prefixes: dict[str, str]) -> str:
    from spacegov.engines.sparql import cell, to_csv, to_tsv

    if style == "csv":
        return to_csv(table)
    if style == "tsv":
        return to_tsv(table)
    if style == "json":
        return _json(
            [{k: cell(v) for k, v in zip(table.columns, row, strict=True) if v is not None} for row in table.rows]
        )
    lines = [table.columns, ["---"] * len(table.columns), *([_short(c, prefixes) for c in row] for row in table.rows)]
    return "".join("| " + " | ".join(c.replace("|", "\\|").replace("\n", " ") for c in row) + " |\n" for row in lines)


def _short(term: object, prefixes: dict[str, str]) -> str:
    from pyoxigraph import NamedNode

    from spacegov.engines.sparql import cell
    from spacegov.names import shorten

    return shorten(term.value, prefixes) if isinstance(term, NamedNode) else cell(term)  # type: ignore[arg-type]


if __name__ == "__main__":
    sys.exit(main())
