"""No careless command, kill, full disk or second build hurts what stands in dist, or what somebody else put there."""

from __future__ import annotations

import ctypes
import fcntl
import os
import resource
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from spacegov.build.build import Checked, assemble, check
from spacegov.build.manifest import inspect, read_manifest
from spacegov.engines.choose import FAST
from spacegov.errors import SpacegovError
from spacegov.project import Project, find_project
from spacegov.publish import dist as exporting
from spacegov.publish import swap
from spacegov.publish.dist import check_target, export

ROOT = Path(__file__).resolve().parent.parent
ONTOLOGY = """@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sg: <https://w3id.org/spacegov/ontology#> .
<https://w3id.org/spacegov/ontology> a owl:Ontology .
sg:Notion a owl:Class ; rdfs:label "notion"@en .
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Project:
    """A project as small as can be, so that it is built in no time."""
    root = tmp_path / "project"
    for name in ("ontology", "shapes", "data", "queries"):
        (root / name).mkdir(parents=True)
    (root / "ontology" / "spacegov.ttl").write_text(ONTOLOGY, encoding="utf-8")
    return find_project(root)


@pytest.fixture
def small(tiny: Project) -> Checked:
    return check(assemble(tiny, FAST), FAST)


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "dist"


def tree(folder: Path) -> dict[str, str]:
    """Everything below a folder, to compare before and after."""
    found = {}
    for path in sorted(folder.rglob("*")):
        kind = f"link to {path.readlink()}" if path.is_symlink() else ""
        found[path.relative_to(folder).as_posix()] = kind or (path.read_text("utf-8") if path.is_file() else "folder")
    return found


def command(tiny: Project, dist: Path, **options: object) -> subprocess.CompletedProcess[str]:
    """Run the real command in a process of its own."""
    arguments = ["--project", str(tiny.root), "build", "--dist", str(dist)]
    return subprocess.run(
        [sys.executable, "-m", "spacegov.cli", *arguments], capture_output=True, text=True, check=False, **options
    )


def put(path: Path, text: str = "mine") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def folder_of_others(checked: Checked, dist: Path) -> None:
    put(dist / "thesis.txt")


def folder_that_finder_saw(checked: Checked, dist: Path) -> None:
    put(dist / ".DS_Store")


def another_manifest(checked: Checked, dist: Path) -> None:
    put(dist / "manifest.json", '{"name": "web app", "files": ["a"]}')


def link_to_an_export(checked: Checked, dist: Path) -> None:
    export(checked, dist.with_name("real"))
    dist.symlink_to("real")


def link_to_nothing(checked: Checked, dist: Path) -> None:
    dist.symlink_to("nothing")


def file(checked: Checked, dist: Path) -> None:
    put(dist)


def pipe(checked: Checked, dist: Path) -> None:
    os.mkfifo(dist)


def file_added(checked: Checked, dist: Path) -> None:
    export(checked, dist)
    put(dist / "readback" / "notes.txt")


def folder_added(checked: Checked, dist: Path) -> None:
    export(checked, dist)
    (dist / "empty").mkdir()


def hidden_folder_added(checked: Checked, dist: Path) -> None:
    export(checked, dist)
    put(dist / ".git" / "HEAD")


def file_edited(checked: Checked, dist: Path) -> None:
    export(checked, dist)
    put(dist / "spacegov.rdf", "saved in an editor")


def file_replaced_by_a_link(checked: Checked, dist: Path) -> None:
    export(checked, dist)
    (dist / "spacegov.nt").rename(dist.with_name("moved.nt"))
    (dist / "spacegov.nt").symlink_to("../moved.nt")


def manifest_deleted(checked: Checked, dist: Path) -> None:
    export(checked, dist)
    (dist / "manifest.json").unlink()


def manifest_that_lists_others_files(checked: Checked, dist: Path) -> None:
    put(dist / "thesis.txt")
    put(dist / "manifest.json", '{"inputs": "", "files": {"thesis.txt": {"sha256": "0"}}}')


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (folder_of_others, "thesis.txt"),
        (folder_that_finder_saw, ".DS_Store"),
        (another_manifest, "manifest.json"),
        (link_to_an_export, "symbolic link"),
        (link_to_nothing, "symbolic link"),
        (file, "a file"),
        (pipe, "a file"),
        (file_added, "readback/notes.txt"),
        (folder_added, "empty"),
        (hidden_folder_added, ".git, .git/HEAD"),
        (file_edited, "changed by hand since spacegov wrote it would be lost: spacegov.rdf"),
        (file_replaced_by_a_link, "changed by hand since spacegov wrote it would be lost: spacegov.nt"),
        (manifest_deleted, "no export of spacegov"),
        (manifest_that_lists_others_files, "wrote it would be lost: thesis.txt"),
    ],
)
def test_what_was_not_written_here_is_refused_and_stays(
    small: Checked, tiny: Project, dist: Path, make: Callable[[Checked, Path], None], named: str
) -> None:
    make(small, dist)
    before = dist.lstat() if make is pipe else tree(dist.parent)
    for write in (lambda: check_target(dist, tiny), lambda: export(small, dist)):
        with pytest.raises(SpacegovError) as refused:
            write()
        assert named in refused.value.what
        assert refused.value.mend
        assert refused.value.where == str(dist)
        assert (dist.lstat() if make is pipe else tree(dist.parent)) == before


def test_the_command_refuses_before_it_builds(tiny: Project, dist: Path) -> None:
    put(dist / "thesis.txt")
    put(tiny.root / "ontology" / "spacegov.ttl", ONTOLOGY + "this is no Turtle")
    done = command(tiny, dist)
    assert done.returncode == 2
    assert "thesis.txt" in done.stderr
    assert "Turtle" not in done.stderr + done.stdout
    assert tree(dist) == {"thesis.txt": "mine"}


@pytest.mark.parametrize(
    "below", [".", "..", "data", "data/new", "data/chn-2021/dist", "queries/dist", "ontology", "/"]
)
def test_the_project_and_what_holds_it_are_refused(small: Checked, tiny: Project, below: str) -> None:
    (tiny.root / "data" / "chn-2021").mkdir()
    before = tree(tiny.root.parent)
    for write in (lambda: check_target(tiny.root / below, tiny), lambda: export(small, tiny.root / below)):
        with pytest.raises(SpacegovError, match=r"replaces the folder|project's inputs"):
            write()
    assert tree(tiny.root.parent) == before


def test_the_current_folder_and_what_holds_it_are_refused(
    tiny: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "b")
    for path in (".", "..", "../../a", str(tmp_path / "a" / "b"), "../b/../b"):
        with pytest.raises(SpacegovError, match="the folder that you are in"):
            check_target(Path(path), tiny)
    check_target(Path("dist"), tiny)


def test_the_home_folder_is_refused_under_any_name(
    tiny: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "homes" / "me"
    home.mkdir(parents=True)
    (tmp_path / "link").symlink_to("homes")
    monkeypatch.setenv("HOME", str(home))
    for path in (home, tmp_path / "homes", tmp_path / "link" / "me"):
        with pytest.raises(SpacegovError, match="your home folder"):
            check_target(path, tiny)
    check_target(home / "dist", tiny)


def test_a_file_above_is_named(tiny: Project, dist: Path) -> None:
    put(dist)
    with pytest.raises(SpacegovError, match=r"dist is a file, not a folder"):
        check_target(dist / "below" / "dist", tiny)


def test_nothing_yet_an_empty_folder_and_an_export_are_written(small: Checked, tiny: Project, dist: Path) -> None:
    for prepare in (lambda: None, lambda: shutil.rmtree(dist) or dist.mkdir(), lambda: None):
        prepare()
        check_target(dist, tiny)
        assert set(export(small, dist)) == {p for p in dist.rglob("*") if p.is_file()}
        assert inspect(dist).is_whole
        assert [p.name for p in dist.parent.iterdir()] == ["dist"]
    export(small, dist.parent / "made" / "on the way" / "dist")


def test_what_is_missing_or_empty_is_written_anew(small: Checked, tiny: Project, dist: Path) -> None:
    export(small, dist)
    (dist / "spacegov.nt").unlink()
    (dist / "spacegov.ttl").write_bytes(b"")
    assert inspect(dist).missing == ("spacegov.nt", "spacegov.ttl")
    export(small, dist)
    assert inspect(dist).is_whole


def test_what_finder_and_protege_leave_is_no_reason_to_refuse_and_stays(small: Checked, dist: Path) -> None:
    export(small, dist)
    put(dist / "catalog-v001.xml", "<catalog/>")
    put(dist / "readback" / ".DS_Store", "finder")
    export(small, dist)
    assert inspect(dist).is_whole
    assert (dist / "catalog-v001.xml").read_text() == "<catalog/>"
    assert (dist / "readback" / ".DS_Store").read_text() == "finder"


@pytest.fixture(params=["exchange", "renames"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways in which folders change places."""
    if request.param == "renames":
        monkeypatch.setattr(swap, "exchange", lambda *_: False)
    return str(request.param)


def test_a_file_put_there_while_the_export_is_written_is_seen(
    small: Checked, dist: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(small, dist)
    files = exporting._files

    def slow(checked: Checked) -> Iterator[tuple[str, bytes]]:
        yield from files(checked)
        put(dist / "thesis.txt")

    monkeypatch.setattr(exporting, "_files", slow)
    with pytest.raises(SpacegovError, match=r"thesis\.txt"):
        export(small, dist)
    assert inspect(dist).foreign == ("thesis.txt",)
    assert (dist / "thesis.txt").read_text() == "mine"
    assert not inspect(dist).changed + inspect(dist).missing
    assert [p.name for p in dist.parent.iterdir()] == ["dist"]


def test_a_folder_put_in_its_place_while_the_export_is_written_is_never_set_aside(
    small: Checked, dist: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(small, dist)
    files = exporting._files

    def slow(checked: Checked) -> Iterator[tuple[str, bytes]]:
        yield from files(checked)
        shutil.rmtree(dist)
        put(dist / "thesis.txt")

    monkeypatch.setattr(exporting, "_files", slow)
    monkeypatch.setattr(swap, "_keep_what_others_left", lambda *_: pytest.fail("it was about to be set aside"))
    with pytest.raises(SpacegovError, match=r"thesis\.txt"):
        export(small, dist)
    assert tree(dist.parent) == {"dist": "folder", "dist/thesis.txt": "mine"}


def test_a_failure_leaves_the_last_export(
    small: Checked, dist: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(small, dist)
    before = tree(dist.parent)
    for failure in (OSError(5, "Input/output error"), KeyboardInterrupt()):

        def fail(work: Path, folder: Path, failure: BaseException = failure) -> None:
            raise failure

        with monkeypatch.context() as patch:
            patch.setattr(exporting, "swap", fail)
            with pytest.raises(SpacegovError if isinstance(failure, OSError) else KeyboardInterrupt):
                export(small, dist)
        assert tree(dist.parent) == before


def test_a_changed_input_is_no_longer_what_was_built(small: Checked, tiny: Project, dist: Path) -> None:
    export(small, dist)
    before = tree(dist.parent)
    put(tiny.root / "ontology" / "spacegov.ttl", ONTOLOGY.replace("notion", "idea"))
    with pytest.raises(SpacegovError, match="was changed while the graph was built"):
        export(small, dist)
    assert tree(dist.parent) == before


@pytest.mark.long
@pytest.mark.parametrize(
    ("way", "before"), [("exchange", "export"), ("renames", "export"), ("exchange", "nothing"), ("exchange", "empty")]
)
def test_a_kill_at_any_step_leaves_the_old_or_the_new_one(tiny: Project, dist: Path, way: str, before: str) -> None:
    script = ROOT / "tests" / "killed_export.py"
    arguments = [str(script), str(tiny.root), str(dist.parent), way, before]
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 40


def test_a_killed_command_is_put_right_by_the_next(tiny: Project, dist: Path) -> None:
    """The work of the command, killed between two renames: no dist for now; the next has it back before it builds."""
    assert command(tiny, dist).returncode == 0
    before = tree(dist)
    killer = (
        "import os, signal; from pathlib import Path; from spacegov.publish import jobs, swap\n"
        "from spacegov.project import find_project\n"
        "rename = Path.rename\n"
        "def killed(self, target):\n"
        "    rename(self, target); os.kill(os.getpid(), signal.SIGKILL)\n"
        "Path.rename = killed; swap.exchange = lambda *_: False\n"
        f"jobs.build(find_project(Path({str(tiny.root)!r})), Path({str(dist)!r}), 'fast', tell=print)"
    )
    assert subprocess.run([sys.executable, "-c", killer], capture_output=True, check=False).returncode == -9
    assert not dist.exists()
    good = (tiny.root / "ontology" / "spacegov.ttl").read_text()
    put(tiny.root / "ontology" / "spacegov.ttl", "no Turtle")
    assert command(tiny, dist).returncode == 2
    assert tree(dist) == before
    assert [p.name for p in dist.parent.iterdir()] == ["dist"]
    put(tiny.root / "ontology" / "spacegov.ttl", good)
    assert command(tiny, dist).returncode == 0


def test_a_second_build_waits_for_the_first(small: Checked, dist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = swap.working_folder_of(dist)
    work.mkdir()
    first = os.open(work / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(first, fcntl.LOCK_EX)
    waited = []

    def wait(seconds: float) -> None:
        waited.append(dist.exists())
        if len(waited) == 3:  # the first comes to its end, as it does it itself
            (work / "lock").unlink()
            os.close(first)

    monkeypatch.setattr(swap.time, "sleep", wait)
    export(small, dist)
    assert waited == [False] * 3
    assert inspect(dist).is_whole
    assert [p.name for p in dist.parent.iterdir()] == ["dist"]


def test_a_second_build_says_who_keeps_it_waiting(dist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with swap.working_folder(dist) as work:
        before = tree(work)
        with (
            pytest.raises(SpacegovError, match=rf"another build \(process {os.getpid()}\)"),
            swap.working_folder(dist, patience=0),
        ):
            pass
        assert tree(work) == before
    assert not work.exists()


def test_builds_at_once_all_succeed(tiny: Project, dist: Path) -> None:
    codes = []

    def one() -> None:
        codes.append(command(tiny, dist).returncode)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [0] * 4
    assert inspect(dist).is_whole
    assert [p.name for p in dist.parent.iterdir()] == ["dist"]


def test_many_exports_at_once_leave_one_whole(small: Checked, dist: Path, way: str) -> None:
    """Threads, so that the moments at which a working folder goes and comes are hit often."""
    failures: list[BaseException] = []

    def some() -> None:
        try:
            for _ in range(10):
                export(small, dist)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=some) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert inspect(dist).is_whole
    assert [p.name for p in dist.parent.iterdir()] == ["dist"]


@pytest.mark.parametrize("name", ["notes.txt", "new/notes.txt", "lock"])
def test_a_working_folder_of_somebody_else_stays(small: Checked, dist: Path, name: str) -> None:
    """Its name alone does not make it ours; and a file of its name is none."""
    work = swap.working_folder_of(dist)
    if name == "lock":
        put(work)
    else:
        put(work / name)
    before = tree(dist.parent)
    with pytest.raises(SpacegovError, match="something else has it"):
        export(small, dist)
    assert tree(dist.parent) == before


def test_an_edited_export_that_a_kill_set_aside_stays(small: Checked, dist: Path) -> None:
    export(small, dist)
    work = swap.working_folder_of(dist)
    put(work / "lock", "")
    shutil.copytree(dist, work / "old")
    put(work / "old" / "thesis.txt")
    with pytest.raises(SpacegovError, match=r"thesis\.txt"):
        export(small, dist)
    assert (work / "old" / "thesis.txt").read_text() == "mine"


root_on_linux = pytest.mark.skipif(
    not (sys.platform == "linux" and os.geteuid() == 0), reason="only root on Linux mounts a file system"
)


@contextmanager
def mounted(place: Path, *arguments: str) -> Iterator[None]:
    place.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["mount", *arguments, str(place)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.mark.long
@root_on_linux
def test_a_full_disk_leaves_the_last_export(checked: Checked, tmp_path: Path) -> None:
    place = tmp_path / "disk"
    with mounted(place, "-t", "tmpfs", "-o", "size=20m", "tmpfs"):
        export(checked, place / "dist")
        inputs = read_manifest(place / "dist")
        with pytest.raises(SpacegovError, match="No space left on device") as full:
            export(checked, place / "dist")
        assert "Free some space" in full.value.mend
        assert full.value.where == str(place / "dist")
        assert inspect(place / "dist").is_whole
        assert read_manifest(place / "dist") == inputs
        assert [p.name for p in place.iterdir()] == ["dist"]


def test_a_limit_on_files_leaves_the_last_export(tiny: Project, dist: Path) -> None:
    assert command(tiny, dist).returncode == 0
    before = tree(dist.parent)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))

    done = command(tiny, dist, preexec_fn=limit)
    assert done.returncode == 2
    assert "File too large" in done.stderr
    assert "ulimit" in done.stderr
    assert "Traceback" not in done.stderr
    assert tree(dist.parent) == before


@root_on_linux
def test_a_disk_that_can_only_be_read_is_said_before_the_build(tiny: Project, small: Checked, dist: Path) -> None:
    export(small, dist)
    with mounted(dist.parent, "--bind", "-o", "ro", str(dist.parent)):
        for target in (dist, dist.parent / "new" / "dist"):
            with pytest.raises(SpacegovError, match="nothing can be written"):
                check_target(target, tiny)
        assert inspect(dist).is_whole


@pytest.mark.parametrize("which", ["dist", "out"])
def test_a_folder_without_permission_is_said_before_the_build(
    tiny: Project, small: Checked, dist: Path, which: str
) -> None:
    export(small, dist)
    folder = dist if which == "dist" else dist.parent
    folder.chmod(0o555)
    try:
        if os.access(folder, os.W_OK):
            pytest.skip("root may write into any folder")
        with pytest.raises(SpacegovError, match="nothing can be written"):
            check_target(dist, tiny)
    finally:
        folder.chmod(0o755)
    assert inspect(dist).is_whole


@root_on_linux
@pytest.mark.parametrize("below", ["", "readback"])
@pytest.mark.parametrize("kind", [("-t", "tmpfs", "tmpfs"), ("--bind", "other")])
def test_a_mount_point_is_refused(tiny: Project, small: Checked, dist: Path, kind: tuple[str, ...], below: str) -> None:
    other = dist.parent / "other"
    put(other / "thesis.txt")
    if below:
        export(small, dist)
    with mounted(dist / below, *(str(other) if a == "other" else a for a in kind)):
        for write in (lambda: check_target(dist, tiny), lambda: export(small, dist)):
            with pytest.raises(SpacegovError, match="mount point"):
                write()
    assert (other / "thesis.txt").read_text() == "mine"


def test_another_file_system_than_the_project_is_no_matter(small: Checked, tiny: Project) -> None:
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK) or memory.stat().st_dev == tiny.root.stat().st_dev:
        pytest.skip("there is no second file system to write to")
    folder = memory / f"spacegov-test-{os.getpid()}"
    try:
        for _ in range(2):
            export(small, folder / "dist")
            assert inspect(folder / "dist").is_whole
            assert [p.name for p in folder.iterdir()] == ["dist"]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_a_refused_rename_puts_the_old_one_back(
    small: Checked, dist: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(small, dist)
    before = tree(dist.parent)
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise OSError(18, "Invalid cross-device link")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    if way == "exchange":
        export(small, dist)  # needs no rename
        assert inspect(dist).is_whole
    else:
        with pytest.raises(SpacegovError, match="cross-device") as refused:
            export(small, dist)
        assert "container" in refused.value.mend
    assert tree(dist.parent) == before


def test_exchange_is_had_on_this_system_or_said_to_be_missing(tmp_path: Path) -> None:
    put(tmp_path / "a" / "1")
    put(tmp_path / "b" / "2")
    if swap.exchange(tmp_path / "a", tmp_path / "b"):
        assert set(tree(tmp_path)) == {"a", "a/2", "b", "b/1"}
        assert swap.exchange(tmp_path / "a", tmp_path / "nothing") is False
    else:
        assert set(tree(tmp_path)) == {"a", "a/1", "b", "b/2"}


def test_exchange_is_passed_over_where_the_system_lacks_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "a" / "1")
    put(tmp_path / "b" / "2")

    def without(*_: object, **__: object) -> object:
        return object()

    monkeypatch.setattr(ctypes, "CDLL", without)
    assert swap.exchange(tmp_path / "a", tmp_path / "b") is False
    assert set(tree(tmp_path)) == {"a", "a/1", "b", "b/2"}
