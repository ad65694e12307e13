"""The checked graph of a project, kept in a store on disk, and opened at once while its files are unchanged.

Each graph has a folder of its own in the user's cache (XDG Base Directory Specification), named by a digest of the
inputs and of the program: ``store`` is the graph, ``state`` what was found about it and what the files of the store
are, ``lock`` is held by whoever has it open. The exports in ``dist/`` are written for others and never read back.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import stat
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pyoxigraph import Triple

from spacegov.build.steps import STEPS
from spacegov.engines.sparql import DamagedError, Source, confined, embedded, open_layers, read_store
from spacegov.errors import SpacegovError
from spacegov.names import GRAPH
from spacegov.project import Project, inputs_digest

if TYPE_CHECKING:
    from spacegov.build.build import Assembled, Checked, Clock
    from spacegov.engines.choose import Engines

KEPT = 4
"""How many graphs the cache keeps: those that were asked last."""

_ENGINES = ("pyoxigraph", "nmo_python", "shacl_rust")
"""The compiled engines that a graph and its findings depend on."""

_STORE, _STATE, _LOCK = "store", "state", "lock"
_FINISHED, _LEFT_BEHIND = re.compile(r"[0-9a-f]{40}"), re.compile(r"\.(new|old)-\w+")
_A_WHILE = 3600.0
"""Seconds after which a folder without a lock is no longer one that somebody is just making."""

Watch = Callable[[Sequence[str]], AbstractContextManager[Callable[[str], None]]]
_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class Opened:
    """A graph to ask, and how many findings its checks had; ``problems`` is None where they could not be made."""

    source: Source
    problems: int | None

    @property
    def notice(self) -> str:
        """What a reader of answers must know of the graph; nothing where it is without findings."""
        if self.problems is None:
            return "this graph could not be checked, and its answers may be wrong: “spacegov check” says why"
        if self.problems:
            findings = "1 finding" if self.problems == 1 else f"{self.problems} findings"
            return f"this graph has {findings}, and its answers may be wrong: “spacegov check” lists them"
        return ""


def cache_folder() -> Path | None:
    """Return the folder for graphs, ``$XDG_CACHE_HOME/spacegov/graphs``; None for a user without a home."""
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        return (base if base.is_absolute() else Path.home() / ".cache") / "spacegov" / "graphs"
    except RuntimeError:
        return None


def open_graph(project: Project, watch: Watch | None = None, *, unseen: bool = False) -> Opened:
    """Return the graph of ``project`` as its files are now; with ``unseen``, for queries that nobody has seen.

    It comes from the cache where that has it whole; else it is built, checked and kept: then ``watch`` is called with
    the steps of that, and what it gives is told of each as it begins. A cache that cannot be written is passed over.
    Building, and answering such a query, is done in a process of its own, under limits.

    A file of the store that was written to, cut, replaced or deleted is noticed by its size, times and inode, as git
    notices changes; where these differ, its SHA-256 decides; the graph is then built anew. Not noticed is a change by
    who sets the machine's clock back for it, and one that a failing disk makes under the file system: the checksums
    of RocksDB find that only when a query comes upon it, as DamagedError and not for every query.

    Raises SpacegovError for inputs that cannot be read, and for those that take too long or too much memory.
    """
    key = _key(project)
    return _kept(key, unseen=unseen) or _built(project, key, watch, unseen=unseen)


def make(project: Project, engines: Engines, clock: Clock | None = None) -> Checked:
    """Return the graph of ``project``, built and checked; what the fast engines made is kept for questions.

    Raises SpacegovError for inputs that cannot be read, and for shapes and questions that are malformed.
    """
    from spacegov.build import build
    from spacegov.engines.choose import FAST

    clock = clock or build.Clock()
    key = _key(project)
    checked = build.check(build.assemble(project, engines, clock), engines, clock)
    if engines is FAST:
        with clock.step("keep"):
            _keep(checked.graph, checked.problems, key)
    return build.with_seconds(checked, clock)


def _built(project: Project, key: str, watch: Watch | None, *, unseen: bool) -> Opened:
    """Return the graph, built and checked anew, from the cache where it could be kept there, else from memory."""
    from spacegov.engines import limits

    mend = "look for a file far larger than the others; “spacegov check” takes the same steps"
    with watch(STEPS[:-1]) if watch else nullcontext() as told:
        call = partial(limits.call, build_apart, project, limits=limits.JOB, what="building", mend=mend, told=told)
        problems, layers = call(key)
        if not layers:
            if kept := _kept(key, unseen=unseen):
                return kept
            problems, layers = call("")  # somebody took away what was kept
    return Opened(confined(layers) if unseen else embedded(open_layers(layers)), problems)


def build_apart(
    project: Project, key: str, *, tell: Callable[[str], None] | None = None
) -> tuple[int | None, dict[str, tuple[Triple, ...]]]:
    """Build and check the graph and keep it under ``key``: for a process of its own. ``tell`` hears of each step.

    Returns the number of findings, None where the checks could not be made; and the layers, none where the graph is
    kept. Raises SpacegovError for inputs that cannot be read.
    """
    from spacegov.build import build
    from spacegov.engines.choose import FAST

    clock = build.Clock(tell)
    graph = build.assemble(project, FAST, clock)
    try:
        problems = build.check(graph, FAST, clock).problems
    except SpacegovError:
        problems = None
    with clock.step("keep"):
        kept = _keep(graph, problems, key)
    return problems, {} if kept else _layers(graph)


def _layers(graph: Assembled) -> dict[str, tuple[Triple, ...]]:
    return {GRAPH + name: triples for name, triples in graph.graphs.items()}


def _key(project: Project) -> str:
    """Return the name of the folder for what this program makes of the files of ``project`` as they are now.

    Inputs are told apart by their content; expected answers, the program's own files and the compiled engines,
    which are many or large, by size and times.
    """
    digest = hashlib.sha256(f"{inputs_digest(project)} {sys.version}".encode())
    package = Path(__file__).parent.parent
    others = [path.with_suffix(".csv") for path in project.queries]
    others += sorted(p for p in package.rglob("*") if p.suffix in (".py", ".rq"))
    for name in _ENGINES:
        spec = PathFinder.find_spec(name)
        others += sorted(Path(spec.origin).parent.glob("*.*")) if spec and spec.origin else ()
    for path in others:
        with suppress(OSError):
            digest.update(os.fsencode(path) + str(_marks(path.stat())).encode())
    return digest.hexdigest()[:40]


class _Hold:
    """A lock on a folder of the cache, held until the last reference to it is gone."""

    def __init__(self, descriptor: int) -> None:
        self._let_go = partial(os.close, descriptor)

    def __del__(self) -> None:
        self._let_go()


def _hold(folder: Path, how: int) -> _Hold | None:
    """Return a lock on ``folder``, shared or exclusive (``how``); None where it is not to be had at once."""
    path = folder / _LOCK
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT if how == fcntl.LOCK_EX else os.O_RDONLY, 0o600)
    except OSError:
        return None
    held = _Hold(descriptor)
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        # Somebody may have swept the folder away between the two calls.
        return held if os.fstat(descriptor).st_ino == path.stat().st_ino else None
    except OSError:
        return None


def _kept(key: str, *, unseen: bool) -> Opened | None:
    """Return the graph that the cache keeps under ``key``, or None where it has none that is whole."""
    root = cache_folder()
    folder = root / key if root else None
    held = _hold(folder, fcntl.LOCK_SH) if folder else None
    state = _state(folder) if folder and held else None
    if not (folder and held and state):
        return None
    try:
        source = confined(folder / _STORE) if unseen else embedded(read_store(folder / _STORE))
    except DamagedError:
        return None
    with suppress(OSError):
        os.utime(folder / _LOCK)  # asked last: the others are swept first
    watched = Source(
        source.name, partial(_answer, source.select, folder, held), partial(_answer, source.construct, folder, held)
    )
    return Opened(watched, state.problems)


def _answer(ask: Callable[[str], _Answer], folder: Path, _: _Hold, sparql: str) -> _Answer:
    """Return what ``ask`` answers; a graph that turns out to be damaged is not opened again. The lock is only held."""
    try:
        return ask(sparql)
    except DamagedError:
        with suppress(OSError):
            (folder / _STATE).unlink()
        raise


@dataclass(frozen=True)
class _State:
    """What is known of a kept graph: findings, and each file of its store with marks of its last change and SHA-256."""

    problems: int | None
    files: Mapping[str, tuple[tuple[int, ...], str]]


def _marks(status: os.stat_result) -> tuple[int, ...]:
    """Return what a change of a file changes too: its kind, size, times or inode."""
    kind = stat.S_IFMT(status.st_mode)
    return kind, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_state(folder: Path, state: _State) -> None:
    content = json.dumps({"problems": state.problems, "files": state.files}).encode()
    fresh = folder / f"{_STATE}.{os.getpid()}"
    fresh.write_bytes(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
    fresh.replace(folder / _STATE)


def _state(folder: Path) -> _State | None:
    """Return the state of the graph in ``folder`` if its files are as they were written, else None."""
    try:
        digest, _, content = (folder / _STATE).read_bytes().partition(b"\n")
        if hashlib.sha256(content).hexdigest().encode() != digest:
            return None
        found = json.loads(content)
        known = {name: (tuple(marks), sha) for name, (marks, sha) in found["files"].items()}
        now = {path.name: _marks(path.lstat()) for path in (folder / _STORE).iterdir()}
        if now.keys() != known.keys():
            return None
        fresh: dict[str, tuple[tuple[int, ...], str]] = {}
        for name, (marks, sha) in known.items():
            fresh[name] = now[name], sha
            if now[name] != marks and (not stat.S_ISREG(now[name][0]) or _sha256(folder / _STORE / name) != sha):
                return None
    except OSError:
        return None
    state = _State(found["problems"], fresh)
    if fresh != known:  # copied, say, or restored from a backup
        with suppress(OSError):
            _write_state(folder, state)
    return state


def _keep(graph: Assembled, problems: int | None, key: str) -> bool:
    """Keep ``graph`` in the cache under ``key``, sweep the cache, and tell whether the graph is there now.

    It is written beside and put in place at the end. It is not kept where its inputs have changed meanwhile, and where
    something cannot be written.
    """
    import shutil

    root = cache_folder()
    if root is None:
        return False
    fresh = root / f".new-{os.urandom(8).hex()}"
    try:
        if _key(graph.inputs.project) != key:
            return False
        if _hold(root / key, fcntl.LOCK_SH) and _state(root / key):
            return True
        fresh.mkdir(parents=True)
        (fresh / _LOCK).touch()
        held = _hold(fresh, fcntl.LOCK_SH)
        open_layers(_layers(graph), fresh / _STORE)
        files = {path.name: (_marks(path.lstat()), _sha256(path)) for path in (fresh / _STORE).iterdir()}
        _write_state(fresh, _State(problems, files))
        if kept := bool(held) and (not os.path.lexists(root / key) or _remove(root / key)):
            fresh.rename(root / key)
        _sweep(root)
        return kept
    except (OSError, SpacegovError):
        return False
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _remove(folder: Path) -> bool:
    """Take a folder of the cache away, and tell whether that was done: not if it is somebody's, or open somewhere."""
    import shutil

    members = {_STORE, _STATE, _LOCK}
    if folder.is_symlink() or not folder.is_dir() or not {p.stem for p in folder.iterdir()} <= members:
        return False
    being_made = folder.name.startswith(".new-") and not (folder / _LOCK).exists()
    if being_made and time.time() - folder.stat().st_mtime < _A_WHILE:
        return False
    held = _hold(folder, fcntl.LOCK_EX)
    if held is None:
        return False
    old = folder.with_name(f".old-{os.urandom(8).hex()}")
    folder.rename(old)
    shutil.rmtree(old, ignore_errors=True)
    return True


def _sweep(root: Path) -> None:
    """Take away what was left behind by a process that was killed, and all graphs but those that were asked last."""

    def asked(folder: Path) -> float:
        try:
            return (folder / _LOCK).stat().st_mtime
        except OSError:
            return 0.0

    folders = list(root.iterdir())
    finished = sorted((f for f in folders if _FINISHED.fullmatch(f.name)), key=asked, reverse=True)
    for folder in (*finished[KEPT:], *(f for f in folders if _LEFT_BEHIND.fullmatch(f.name))):
        with suppress(OSError):
            _remove(folder)
