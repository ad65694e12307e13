"""What a person reads: tables, pages wrapped at words, progress. Rich lays out what has a width; a pipe has none."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, TextIO

from spacegov.errors import SpacegovError

if TYPE_CHECKING:
    from rich.console import Console

PLAIN = "SPACEGOV_PLAIN"
"""The environment variable that asks for plain output, as the option ``--plain`` does."""

_LINE = 100
"""The longest line of running text, in columns, however wide the terminal is."""
_NARROWEST = 20
_CELL = 20
"""What a column of a table must have at least, in columns, unless all its cells are shorter."""
_WORD = 32
"""A longer word, an IRI as a rule, may be broken in a table."""
_PAD = 1000
"""In a pipe, a cell that is longer moves the rest of its row, not that of all rows."""
_GAP = 2

_LOOKALIKES = dict(zip("“”‘’–—─·", "\"\"''---.", strict=True)) | {"…": "...", "→": "->"}
_CONTROLS = {c: f"\\x{c:02x}" for c in (*range(0x20), *range(0x7F, 0xA0)) if c != ord("\n")} | {ord("\t"): " "}
_NUMBER = re.compile(r"-?\d[\d,]*(\.\d+)?")
_LEAD = re.compile(r"\s*(?:\S+(?: \S+)* {2,})*")
_HIGHLIGHTS = (
    (r"^(  )?FAILED\b", "bold red"),
    (r"^  passed(?=  )", "green"),
    (r"^\s*\S+\.(ttl|rq|csv|txt):\d+(?=:)", "bold"),
    (r"^\s*To mend it:", "bold"),
)


@dataclass(frozen=True)
class Screen:
    """How to write on a stream.

    ``terminal``: a person sits there. ``width``: how many columns a line may have, None where lines are left whole.
    ``styled``: weight, colour and lines may be used, and a line may be written anew. ``plain``: for screen readers
    and braille displays, nothing is drawn, and a table is read row by row. ``encoding``: what can be written.
    """

    terminal: bool = False
    width: int | None = None
    styled: bool = False
    plain: bool = False
    encoding: str = "utf-8"


def screen(stream: TextIO | None, *, plain: bool = False) -> Screen:
    """Return how to write on ``stream``: by what it is, COLUMNS and TERM (NO_COLOR is Rich's to honour)."""
    terminal = stream is not None and stream.isatty()
    styled = terminal and not plain and os.environ.get("TERM", "dumb") not in ("dumb", "unknown", "")
    encoding = stream.encoding if stream is not None and stream.encoding else "utf-8"
    return Screen(terminal, _width(stream) if terminal else _columns(), styled, plain, encoding)


def _columns() -> int | None:
    text = os.environ.get("COLUMNS", "")
    return max(int(text), _NARROWEST) if re.fullmatch(r"0*[1-9][0-9]{0,4}", text) else None


def _width(stream: TextIO | None) -> int:
    try:
        width = os.get_terminal_size(stream.fileno()).columns if stream is not None else 0
    except OSError:
        width = 0
    return _columns() or max(width or 80, _NARROWEST)


def write(text: str) -> None:
    """Write ``text`` to standard output, in whatever encoding it has.

    A reader that has gone away is no error. Raises SpacegovError where the output cannot be written.
    """
    _put(sys.stdout, text)


def write_data(text: str) -> None:
    """Write ``text`` to standard output as UTF-8, whatever the encoding of the terminal: it is read by programs."""
    buffer = getattr(sys.stdout, "buffer", None)
    _put(sys.stdout, text if buffer is None else text.encode("utf-8", "backslashreplace"))


def complain(text: str, *, plain: bool = False) -> None:
    """Write ``text`` to standard error as a page."""
    _put(sys.stderr, page(text, screen(sys.stderr, plain=plain)))


def _put(stream: TextIO | None, text: str | bytes) -> None:
    if stream is None:  # the process was started without this stream
        return
    try:
        if isinstance(text, bytes):
            stream.flush()
            stream.buffer.write(text)
        else:
            stream.write(_encodable(text, stream.encoding or "utf-8"))
        stream.flush()
    except BrokenPipeError:
        _discard(stream)
    except OSError as error:
        _discard(stream)
        raise SpacegovError(
            f"the output cannot be written: {error.strerror}", mend="make room, or write it elsewhere"
        ) from None


def _discard(stream: TextIO) -> None:
    """Let what is still to be written to ``stream`` vanish, so that the end of the process is quiet."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _encodable(text: str, encoding: str) -> str:
    """Return ``text`` with a look-alike or an escape in place of each character that ``encoding`` lacks."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        shown = {c: c.encode(encoding, "backslashreplace").decode(encoding) for c in set(text)}
        return text.translate({ord(c): c if s == c else _LOOKALIKES.get(c, s) for c, s in shown.items()})
    return text


def page(text: str, screen: Screen) -> str:
    """Return ``text`` to be written: wrapped at words to the screen, its lines without an indent as headings.

    A line's continuation is indented by two more columns than the line, or to where its last column begins (columns
    are set apart by two spaces).
    """
    text = _encodable(text.translate(_CONTROLS), screen.encoding)
    if screen.width is None:
        return text + "\n"
    from rich.text import Text

    width = min(screen.width, _LINE)
    out = StringIO()
    console = _console(screen, width, out)
    for line in text.split("\n"):
        indent = len(line) - len(line.lstrip())
        start, hang = _margins(line, indent, width)
        shown = Text(line, style="" if indent else "bold")
        for pattern, style in _HIGHLIGHTS:
            shown.highlight_regex(pattern, style)
        first, rest = shown.divide([start]) if start else (Text(), shown)
        for wrapped in rest.wrap(console, width - hang):
            console.print(first + wrapped, no_wrap=True, crop=False)
            first = Text(" " * hang)
    return _drawn(out)


def _margins(line: str, indent: int, width: int) -> tuple[int, int]:
    """Return where the text of ``line`` that may wrap begins, and where its continuation does."""
    lead = _LEAD.match(line)
    last = lead.end() if lead else 0
    if indent < last < width // 2 and max(map(_cells, line[last:].split()), default=0) <= width - last:
        return last, last
    return min(indent, width // 2), min(indent + 2, width // 2)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], screen: Screen) -> str:
    """Return ``rows`` under the names of their ``columns``, each cell a line of text, and the count of the rows.

    Where the width is known the table keeps within it: cells wrap at words, and where columns would become too
    narrow to read each row is a block of lines “column: value”, as it always is in plain output.
    """
    rows = [[_encodable(" ".join(cell.split()).translate(_CONTROLS), screen.encoding) for cell in row] for row in rows]
    count = f"{len(rows)} row{'' if len(rows) == 1 else 's'}"
    widths = None if screen.plain else _widths([columns, *rows], screen.width)
    if widths is None:
        return _records(columns, rows, screen) + count + "\n"
    right = [bool(rows) and all(_NUMBER.fullmatch(row[i]) for row in rows) for i in range(len(columns))]
    if screen.width is None:
        lines = [columns, ["-" * w for w in widths], *rows]
        return "".join(_aligned(line, widths, right) + "\n" for line in lines) + count + "\n"
    return _grid(columns, rows, widths, right, screen) + count + "\n"


def _widths(lines: Sequence[Sequence[str]], room: int | None) -> list[int] | None:
    """Return the width of each column, None where ``room`` is too narrow for them."""
    by_column = list(zip(*lines, strict=True))
    most = _PAD if room is None else room
    widths = [min(max(map(_cells, column)), most) for column in by_column]
    if room is None:
        return widths
    words = [max(map(_cells, " ".join(column).split()), default=0) for column in by_column]
    least = [max(min(word, _WORD), min(width, _CELL)) for word, width in zip(words, widths, strict=True)]
    room -= _GAP * (len(widths) - 1)
    if sum(least) > room:
        return None
    while sum(widths) > room:
        widest = max((i for i, w in enumerate(widths) if w > least[i]), key=lambda i: widths[i])
        widths[widest] -= 1
    return widths


def _cells(text: str) -> int:
    """Return how many columns ``text`` takes: two for wide characters, none for marks that join the one before."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.category(c) in ("Mn", "Me", "Cf") for c in text)


def _aligned(line: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    out = []
    for cell, width, to_right in zip(line, widths, right, strict=True):
        space = " " * (width - _cells(cell))
        out.append(space + cell if to_right else cell + space)
    return (" " * _GAP).join(out).rstrip()


def _grid(
    columns: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int], right: Sequence[bool], screen: Screen
) -> str:
    from rich.box import Box
    from rich.table import Table
    from rich.text import Text

    out = StringIO()
    console = _console(screen, screen.width or _LINE, out)
    wraps = any(_cells(cell) > width for row in rows for cell, width in zip(row, widths, strict=True))
    ruled = Box("    \n    \n ─  \n" + "    \n" * 5)
    grid = Table(
        box=ruled,
        safe_box=False,
        show_edge=False,
        pad_edge=False,
        padding=(0, _GAP - 1, 0, 0),
        leading=int(wraps),
        header_style="bold",
    )
    for column, width, to_right in zip(columns, widths, right, strict=True):
        grid.add_column(Text(column), width=width, justify="right" if to_right else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(Text(cell) for cell in row))
    console.print(grid)
    return _drawn(out)


def _records(columns: Sequence[str], rows: Sequence[Sequence[str]], screen: Screen) -> str:
    out = []
    for number, row in enumerate(rows, 1):
        out.append(f"row {number} of {len(rows)}")
        out += [f"  {column}: {cell}" for column, cell in zip(columns, row, strict=True) if cell]
        out.append("")
    return page("\n".join(out), screen) if out else ""


def _console(screen: Screen, width: int, out: StringIO) -> Console:
    from rich.console import Console

    return Console(
        file=out,
        width=width,
        height=25,
        force_terminal=screen.styled,
        color_system="auto" if screen.styled else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )


def _drawn(out: StringIO) -> str:
    return "".join(line.rstrip() + "\n" for line in out.getvalue().removesuffix("\n").split("\n"))


@contextmanager
def progress(steps: Sequence[str], screen: Screen) -> Iterator[Callable[[str], None]]:
    """Yield a function that shows on standard error which of ``steps`` has begun; other names it passes over.

    A bar on a terminal, a line a step where nothing may be drawn, nothing in a pipe.
    """
    if not screen.terminal:
        yield lambda _: None
    elif not screen.styled:
        yield lambda name: _put(sys.stderr, f"{name} …\n") if name in steps else None
    else:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        parts = (BarColumn(20), TextColumn("{task.description}", markup=False))
        with Progress(
            *parts, console=Console(stderr=True), transient=True, auto_refresh=False, redirect_stdout=False
        ) as bar:
            task = bar.add_task("", total=len(steps))

            def tell(name: str) -> None:
                if name in steps:
                    bar.update(task, completed=steps.index(name), description=name, refresh=True)

            yield tell
