"""The shim, compiled with the machine's own C compiler."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("shim.c")


def compiled(folder):
    """The library, in *folder*; skips the test where there is no compiler."""
    library = folder / "shim.so"
    if not library.exists():
        compiler = shutil.which("cc")
        if compiler is None:
            pytest.skip("no cc: install a C compiler")
        subprocess.run(
            [compiler, "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"], check=True
        )
    return library


def environment(library, under, *, trace=None, fault=None):
    """Of a process whose writes below *under* are noted in *trace*, or fail while *fault* is."""
    names = {"LD_PRELOAD": library, "RECORD_UNDER": under, "RECORD_TO": trace, "FAULT_FILE": fault}
    return os.environ | {name: str(value) for name, value in names.items() if value}


def recorded(library, under, trace, module, *arguments):
    """Run a Python *module* to its end under the shim; the trace it leaves."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    subprocess.run(command, check=True, env=environment(library, under, trace=trace))
    return trace.read_bytes()
