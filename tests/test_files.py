"""Files of input are read whole or not at all, and folders are read without an end or a gap."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from spacegov import files
from spacegov.errors import SpacegovError
from spacegov.files import files_below, read_bytes, read_text, refuse_unfit


def test_a_file_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes("\ufeffa\r\nb\u0301\t😀\n".encode())
    assert read_text(path) == "\ufeffa\r\nb\u0301\t😀\n"


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.ttl"
    path.write_text("a")
    stat = os.fstat

    def grow(descriptor: int) -> os.stat_result:
        found = stat(descriptor)
        with path.open("a") as out:
            out.write("b")
        return found

    monkeypatch.setattr(os, "fstat", grow)
    with pytest.raises(SpacegovError, match=r"x\.ttl: the file changed while it was read"):
        read_bytes(path)


def test_a_file_that_is_written_anew_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.ttl"
    path.write_text("a")
    stat = os.fstat

    def touch(descriptor: int) -> os.stat_result:
        found = stat(descriptor)
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns + 1))
        return found

    monkeypatch.setattr(os, "fstat", touch)
    with pytest.raises(SpacegovError, match=r"x\.ttl: the file changed while it was read"):
        read_bytes(path)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    with path.open("wb") as out:
        out.truncate(files.LARGEST + 1)
    with pytest.raises(SpacegovError, match=r"x\.ttl: the file has .* bytes; at most"):
        read_bytes(path)


def test_a_file_that_went_away_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpacegovError, match=r"x\.ttl: cannot read the file: No such file"):
        read_bytes(tmp_path / "x.ttl")


@pytest.mark.parametrize("name", ["a" * 5000, "a\0b", "a\ud800"])
def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SpacegovError, match="cannot read the file"):
        read_bytes(tmp_path / name)


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.ttl"
    path.touch()
    path.chmod(0)
    if os.access(path, os.R_OK):  # the superuser may read everything

        def refuse(*_: object) -> int:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(SpacegovError, match=r"x\.ttl: cannot read the file: Permission denied"):
        read_bytes(path)


@pytest.mark.parametrize("code", [0x0, 0x1, 0x8, 0xB, 0xC, 0x1B, 0x1F, 0x7F, 0x85, 0x9F, 0xD800, 0xFFFE, 0xFFFF])
def test_what_xml_cannot_carry_is_refused_with_line_and_code_point(code: int) -> None:
    with pytest.raises(SpacegovError, match=rf"x\.ttl:3: U\+{code:04X} is"):
        refuse_unfit(f"a\nb\nc{chr(code)}", "x.ttl")


@pytest.mark.parametrize("text", ["\t\n\r", "\u200f\u202e", "\u2028", "\ufeff", "\ufdd0", "\U0001fffe", "é中😀"])
def test_what_xml_can_carry_passes(text: str) -> None:
    refuse_unfit(text, "x.ttl")


def test_a_heap_of_accents_is_refused_and_a_long_text_beyond_ascii_is_not() -> None:
    refuse_unfit("a\nb" + "\u0301" * 30 + "外层空间" * 1000, "x.ttl")
    with pytest.raises(SpacegovError, match=r"x\.ttl:2: more than 30 accents"):
        refuse_unfit("a\nb" + "\u0316\ufeff\u0301" * 16, "x.ttl")


def test_files_come_in_order_without_those_of_tools(tmp_path: Path) -> None:
    for name in ("b.ttl", "a/c.ttl", "a/b/.git/d.ttl", ".e.ttl", "f.txt", "g.ttl/h.ttl"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    names = [path.relative_to(tmp_path).as_posix() for path in files_below(tmp_path, ".ttl")]
    assert names == ["a/c.ttl", "b.ttl", "g.ttl/h.ttl"]
    assert files_below(tmp_path, ".ttl", deep=False) == (tmp_path / "b.ttl",)


def test_a_linked_folder_is_read_too_and_once(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/x.ttl").touch()
    (tmp_path / "here").mkdir()
    (tmp_path / "here/linked").symlink_to(tmp_path / "elsewhere")
    assert files_below(tmp_path / "here", ".ttl") == (tmp_path / "here/linked/x.ttl",)
    (tmp_path / "here/again").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SpacegovError, match="two ways"):
        files_below(tmp_path / "here", ".ttl")


def test_a_folder_that_went_away_or_may_not_be_read_is_no_empty_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SpacegovError, match="none: cannot read the folder: No such file"):
        files_below(tmp_path / "none", ".ttl")

    def refuse(*_: object) -> object:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(SpacegovError, match="cannot read the folder: Permission denied"):
        files_below(tmp_path, ".ttl")
