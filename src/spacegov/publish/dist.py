"""Writing ``dist/``: all or nothing, with a manifest."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from spacegov.build.build import Checked
from spacegov.build.cache import DIST_MANIFEST
from spacegov.checks.hygiene import read_rules, rule_files, rule_pages
from spacegov.project import inputs_digest
from spacegov.publish.linked_data import graph_files
from spacegov.publish.pages import readback_files


def export(checked: Checked, dist: Path) -> tuple[Path, ...]:
    """Write every file of ``dist`` and return their paths.

    The files are written beside ``dist`` first and swapped in at the end, so that a failure leaves the last
    ``dist`` as it was. Equal inputs give equal bytes. Raises SpacegovError for a text that cannot be written.
    """
    dist.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{dist.name}-", dir=dist.parent))
    try:
        fresh.chmod(0o755)
        for name, content in _files(checked):
            path = fresh / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        _write_manifest(checked, fresh)
        _swap(fresh, dist)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    return tuple(sorted(p for p in dist.rglob("*") if p.is_file()))


def _swap(fresh: Path, dist: Path) -> None:
    if dist.exists():
        old = fresh.with_name(fresh.name + "-old")
        dist.rename(old)
        try:
            fresh.rename(dist)
        except OSError:
            old.rename(dist)
            raise
        shutil.rmtree(old)
    else:
        fresh.rename(dist)


def _files(checked: Checked) -> Iterator[tuple[str, bytes]]:
    yield from graph_files(checked)
    yield from readback_files(checked)
    rules = read_rules(rule_files(checked.graph.inputs.project.root))
    if rules:
        yield from ((f"rules/{name}", page.encode()) for name, page in rule_pages(rules).items())


def _write_manifest(checked: Checked, folder: Path) -> None:
    files = {
        p.relative_to(folder).as_posix(): {
            "bytes": p.stat().st_size,
            "sha256": hashlib.sha256(p.read_bytes()).hexdigest(),
        }
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }
    manifest = {"inputs": inputs_digest(checked.graph.inputs.project), "files": files}
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    (folder / DIST_MANIFEST).write_text(text, encoding="utf-8")
