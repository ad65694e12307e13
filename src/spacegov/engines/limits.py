"""A call in a process of its own, which is ended where it takes too long or too much memory, and has no network.

The engines are native code. It cannot be stopped from within: it holds the interpreter until it returns, asks for all
the memory there is, and ends the whole process where that fails or a stack overflows. A process can be ended, and its
end can be told. A fork would copy the locks that the threads of an engine hold at that moment, so the child is a new
interpreter (some 30 ms on two cores). The call goes to it and its result comes back through pipes, pickled: give a
path rather than a graph, and let a summary come back.

Time is kept by the parent, and by an alarm in the child should the parent be killed. Memory is the address space
(``RLIMIT_AS``), on systems that have such a limit. On Linux the child can open no socket but a local one, so that a
way to the network that :mod:`spacegov.engines.guard` did not know would end there.
"""

from __future__ import annotations

import contextlib
import errno
import os
import pickle
import re
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import IO, TYPE_CHECKING, Any, TypeVar

from spacegov.errors import SpacegovError, explained

if TYPE_CHECKING:  # imported late, for the child starts the quicker without them
    from queue import SimpleQueue
    from subprocess import Popen

Result = TypeVar("Result")


@dataclass(frozen=True)
class Limits:
    """What a call may take: seconds of wall clock, bytes of memory, rows of an answer (None: as many as fit)."""

    seconds: float
    memory: int
    rows: int | None = None


GIB = 2**30
QUERY = Limits(seconds=60, memory=2 * GIB, rows=1_000_000)
"""For a query that nobody has seen."""
JOB = Limits(seconds=600, memory=4 * GIB)
"""For the work on a whole project: loading, closure, validation, export."""

SECONDS, MEMORY = "SPACEGOV_SECONDS", "SPACEGOV_MEMORY"
"""The environment variables that allow more or less: seconds, and GiB."""

_START = (
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from spacegov.engines.limits import serve; serve()"
)
_NO_MEMORY = re.compile(
    r"memory allocation of|bad_alloc|out of memory|allocate memory|MemoryError|failed to map segment|start new thread",
    re.IGNORECASE,
)
_NOISE = 100_000
_GRACE = 10


def call(
    function: Callable[..., Result],
    *args: object,
    limits: Limits,
    what: str = "the work",
    mend: str = "make it smaller",
    told: Callable[[str], None] | None = None,
) -> Result:
    """Return ``function(*args)``, run in a process of its own under ``limits``.

    ``function`` is a function of a module, and it, its arguments and its result can be pickled. With ``told``, it gets
    the keyword ``tell``: what it tells, the name of a step, comes to ``told`` here, and into an error. The environment
    may change the limits (``SPACEGOV_SECONDS``, ``SPACEGOV_MEMORY``).

    Raises what the function raises; and SpacegovError where it passes a limit or a fault of an engine ends its
    process: ``what`` is what took too long (“the query”), ``mend`` how to make it take less. Whatever happens, also at
    Ctrl-C, the process has ended when this returns.
    """
    import queue
    import time

    limits = allowed(limits)
    who = what
    ends = time.monotonic() + limits.seconds
    request = b"".join(map(pickle.dumps, (sys.path, limits, (function, args, told is not None))))
    with _noise() as noise, _child(request, noise) as (child, frames):
        while True:
            try:
                frame = frames.get(timeout=max(0.0, ends - time.monotonic()))
            except queue.Empty:
                raise _late(limits, who, mend) from None
            match frame:
                case "told", step:
                    who = f"{what}, in its step “{step}”,"
                    if told is not None:
                        told(step)
                case "result", result:
                    if sys.stderr is not None:
                        sys.stderr.write(_text(noise))
                    return result  # type: ignore[no-any-return]
                case "refused", error:
                    raise error
                case "failed", (error, trace):
                    error.add_note(f"In a process of its own:\n{trace}")
                    raise error
                case _:
                    raise _fallen(child, limits, _text(noise) + (frame[1] if frame else ""), who, mend)


def allowed(limits: Limits) -> Limits:
    """Return ``limits`` with what the environment says instead; SpacegovError where that is no number above 0."""
    seconds, memory = _number(SECONDS), _number(MEMORY)
    return replace(
        limits,
        seconds=limits.seconds if seconds is None else seconds,
        memory=limits.memory if memory is None else int(memory * GIB),
    )


def _number(variable: str) -> float | None:
    text = os.environ.get(variable)
    if text is None:
        return None
    with contextlib.suppress(ValueError):
        if 0 < (number := float(text)) < 1e9:
            return number
    raise SpacegovError(
        f"{variable} is {text!r}, which is no number above 0", where="the environment", mend="set it to a number"
    )


def _late(limits: Limits, who: str, mend: str) -> SpacegovError:
    return SpacegovError(
        f"{who} took more than {limits.seconds:g} seconds and was ended", mend=f"{mend}; {SECONDS} allows more"
    )


def _fallen(child: Popen[bytes], limits: Limits, heard: str, who: str, mend: str) -> SpacegovError:
    """Return the error for a child that has ended without a result; ``heard`` is what it wrote last."""
    import subprocess

    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(_GRACE)
    code = child.poll() or 0
    if code == -signal.SIGALRM:
        return _late(limits, who, mend)
    if code == -signal.SIGKILL or _NO_MEMORY.search(heard):
        size = f"{limits.memory / GIB:.3g} GiB"
        return SpacegovError(
            f"{who} needed more memory than there is (at most {size}) and was ended",
            mend=f"{mend}; {MEMORY} allows more",
        )
    end = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    last = next(iter(heard.strip().splitlines()[-1:]), "")
    return SpacegovError(
        f"{who} brought an engine down ({end}" + (f": {last})" if last else ")"),
        mend=f"{mend}, or nest it less deep; if neither helps, report it with the input that brings it about",
    )


def _noise() -> IO[bytes]:
    """Return a file for what the child writes to its standard error."""
    import tempfile

    with explained("a temporary file cannot be made", mend="set TMPDIR to a folder that can be written"):
        return tempfile.TemporaryFile()


def _text(noise: IO[bytes]) -> str:
    """Return the end of what the child wrote to its standard error."""
    noise.seek(max(0, noise.seek(0, os.SEEK_END) - _NOISE))
    return noise.read().decode("utf-8", "replace")


Frame = tuple[str, Any] | None
"""What comes from the child: its kind and content; None when there is no more."""


@contextlib.contextmanager
def _child(request: bytes, noise: IO[bytes]) -> Iterator[tuple[Popen[bytes], SimpleQueue[Frame]]]:
    """Start an interpreter that does ``request``, and see that it is gone afterwards; its frames come in a queue."""
    import queue
    import subprocess
    import threading

    with explained("no process can be started"):
        child = subprocess.Popen(  # noqa: S603 - this interpreter, with a program that stands here
            [sys.executable, "-P", "-c", _START], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=noise
        )
    threads: list[threading.Thread] = []
    try:
        assert child.stdin is not None and child.stdout is not None  # noqa: S101 - narrows the types
        frames: SimpleQueue[Frame] = queue.SimpleQueue()
        for target, args in ((_write, (child.stdin, request)), (_read, (child.stdout, frames))):
            threads.append(threading.Thread(target=target, args=args))
            threads[-1].start()
        yield child, frames
    finally:
        child.kill()
        child.wait()
        for thread in threads:
            if thread.ident is not None:  # an interrupt may come before it is started
                thread.join()


def _write(pipe: IO[bytes], request: bytes) -> None:
    with contextlib.suppress(OSError), pipe:  # the child has ended: its silence tells
        pipe.write(request)


def _read(pipe: IO[bytes], frames: SimpleQueue[Frame]) -> None:
    with contextlib.suppress(Exception), pipe:  # the child has ended, after a frame or in the middle of one
        while True:
            frames.put(pickle.load(pipe))  # noqa: S301 - no one else writes to it than our own interpreter
    frames.put(None)


def serve() -> None:
    """Do, in the child, the one call that comes on standard input; its result goes to standard output.

    What the call itself prints goes to standard error.
    """
    limits: Limits = pickle.load(sys.stdin.buffer)  # noqa: S301 - the parent wrote it
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as pipe:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        _confine(limits)

        def send(kind: str, content: object) -> None:
            pipe.write(pickle.dumps((kind, content)))
            pipe.flush()

        try:
            function, args, tell = pickle.load(sys.stdin.buffer)  # noqa: S301 - the parent wrote it
            result = function(*args, **({"tell": partial(send, "told")} if tell else {}))
            _count(result, limits.rows)
            send("result", result)
        except MemoryError:
            send("broken", "MemoryError")
        except SpacegovError as error:
            send("refused", error)
        except Exception as error:
            if _NO_MEMORY.search(str(error)):
                send("broken", str(error))
            else:
                import traceback

                send("failed", (_carried(error), traceback.format_exc()))
        except BaseException as error:  # a panic in Rust is no Exception
            send("broken", f"{type(error).__name__}: {error}")
        sys.stderr.flush()
        os._exit(0)  # without taking a graph apart first


def _count(result: object, most: int | None) -> None:
    """Raise SpacegovError where the result is a table, or a tuple, of more rows than are allowed."""
    rows = getattr(result, "rows", result)
    if most is not None and isinstance(rows, tuple) and len(rows) > most:
        raise SpacegovError(f"the answer has {len(rows):,} rows, and at most {most:,} are given", mend="add a LIMIT")


def _carried(error: Exception) -> Exception:
    """Return the error, or what is told of it where it cannot be sent."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - just made
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _confine(limits: Limits) -> None:
    """Take from this process what is beyond the limits, for good."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if hasattr(signal, "setitimer"):  # should the parent be killed
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, limits.seconds + _GRACE)
    with contextlib.suppress(ImportError, OSError, ValueError):  # not on every system
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        memory = limits.memory if most == resource.RLIM_INFINITY else min(limits.memory, most)
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    if sys.platform == "linux":
        _take_network()


def _take_network() -> None:
    """Let the kernel refuse this process every socket but a local one, and end it with its parent.

    The filter (seccomp, https://docs.kernel.org/userspace-api/seccomp_filter.html) is a program of five kinds of
    instructions over the number and first argument of each system call. Where the kernel has none, all stays as it is:
    this is the second line.
    """
    import ctypes
    import struct

    machines = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
    machine = machines.get(os.uname().machine)
    kernel = ctypes.CDLL(None)
    kernel.prctl(1, int(signal.SIGKILL), 0, 0, 0)  # PR_SET_PDEATHSIG
    if machine is None or ctypes.sizeof(ctypes.c_void_p) != 8:
        return
    load, equal, end = 0x20, 0x15, 0x06
    architecture, socket = machine
    program = (
        (load, 0, 0, 4),  # the architecture
        (equal, 0, 5, architecture),
        (load, 0, 0, 0),  # the number of the call
        (equal, 0, 3, socket),
        (load, 0, 0, 16),  # the family of the socket
        (equal, 1, 0, 1),  # AF_UNIX
        (end, 0, 0, 0x00050000 | errno.EACCES),
        (end, 0, 0, 0x7FFF0000),  # allowed
    )
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in program))
    filters = struct.pack("@HP", len(program), ctypes.addressof(code))
    if kernel.prctl(38, 1, 0, 0, 0) == 0:  # PR_SET_NO_NEW_PRIVS
        kernel.prctl(22, 2, filters, 0, 0)  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
