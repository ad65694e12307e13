"""Export again and again, each time killed one step later, and look at what is left. Run by test_dist.py.

``killed_export.py PROJECT FOLDER (exchange|renames) (export|nothing|empty)``: the folder in which the export is
made, how it changes places, and what stands there before. Prints how many steps were killed.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path

from spacegov.build.build import Checked, assemble, check
from spacegov.build.manifest import inspect
from spacegov.engines.choose import FAST
from spacegov.project import find_project
from spacegov.publish import swap
from spacegov.publish.dist import check_target, export

STEPS = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate", "fcntl.flock", "ctypes.dlsym"}
"""What the interpreter tells of before it is done; to these come opened files, and halves of files written."""


class Killer:
    """Ends this process with SIGKILL just before step ``last``."""

    def __init__(self, folder: Path, last: int) -> None:
        self.folder, self.last, self.count = str(folder), last, 0

    def step(self) -> None:
        self.count += 1
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in STEPS or (event == "open" and str(arguments[0]).startswith(self.folder)):
            self.step()

    def write(self, path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[: len(content) // 2])
            file.flush()
            self.step()
            file.write(content[len(content) // 2 :])
        return len(content)


def run(checked: Checked, dist: Path, last: int) -> bool:
    """Export in a process of its own that is killed at step ``last``; tell whether it came to its end before."""
    child = os.fork()
    if child == 0:
        killer = Killer(dist.parent, last)
        Path.write_bytes = lambda path, content: killer.write(path, content)  # type: ignore[method-assign, assignment]
        sys.addaudithook(killer.hear)
        try:
            check_target(dist, checked.graph.inputs.project)
            export(checked, dist)
        except BaseException as error:
            sys.stderr.write(f"{error!r}\n")
            sys.stderr.flush()
            os._exit(3)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.WEXITSTATUS(status) == 0, "the export failed by itself"
    return True


def main() -> None:
    root, folder, way, before = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
    if way == "renames":
        swap.exchange = lambda *_: False
    project = find_project(root)
    new = check(assemble(project, FAST), FAST)
    old = replace(
        new, graph=replace(new.graph, layers=replace(new.graph.layers, ontology=new.graph.inputs.ontology[:-1]))
    )
    dist, kept = folder / "dist", folder.parent / "kept"
    if before == "export":
        export(old, kept)
    states = {}
    for name, checked in (("old", old), ("new", new)):
        export(checked, folder.parent / name)
        states[name] = (folder.parent / name / "spacegov.nt").read_bytes()
    assert states["old"] != states["new"]
    last, ended, seen = 0, False, set()
    while not ended:
        last += 1
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        if before == "export":
            shutil.copytree(kept, dist)
        elif before == "empty":
            dist.mkdir()
        ended = run(new, dist, last)
        if before == "export" and way == "exchange":
            assert inspect(dist).is_whole, f"step {last}: {inspect(dist)}"
        check_target(dist, project)  # the next build starts, and fails for its own reasons before it writes
        assert [p.name for p in folder.iterdir()] == (["dist"] if dist.exists() else []), f"step {last}: stale"
        if before == "export" or ended:
            assert inspect(dist).is_whole, f"step {last}: {inspect(dist)}"
        if dist.exists() and any(dist.iterdir()):
            content = (dist / "spacegov.nt").read_bytes()
            assert inspect(dist).is_whole, f"step {last}: {inspect(dist)}"
            assert content in states.values(), f"step {last}"
            seen.add("new" if content == states["new"] else "old")
        export(new, dist)
        assert inspect(dist).is_whole
        assert (dist / "spacegov.nt").read_bytes() == states["new"]
        assert [p.name for p in folder.iterdir()] == ["dist"], f"step {last}: stale"
    assert seen == ({"old", "new"} if before == "export" else {"new"})
    sys.stdout.write(f"{last - 1}\n")


if __name__ == "__main__":
    main()
