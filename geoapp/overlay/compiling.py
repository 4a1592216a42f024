"""Compilation of the kernels.

Compiled code is kept on disk, so only the first use after an installation compiles;
``geoapp.overlay.warming`` does that when the product is installed or a server starts. The
folder is named by the content of the sources: numba itself notices a change only in the file
of the outermost kernel, and would go on running the old code of the others.

Kernels are single-threaded and release Python's lock: several run at once on different
batches in a thread pool, which unlike numba's own pools may be entered by many threads.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar, cast

import numba
import numpy as np

Function = TypeVar("Function", bound=Callable[..., object])
Bundle = TypeVar("Bundle", bound=tuple[object, ...])

_SOURCES: Final = Path(__file__).parent
_BESIDE: Final = "tiles"  # the other package that holds kernels


def compiled(function: Function) -> Function:
    """Compile a function on first use and keep the result on disk."""
    fast = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    return cast("Function", fast)


def read_only(bundle: Bundle) -> Bundle:
    """Make the arrays of a named tuple read-only, nested ones too.

    Arrays of mapped files are; when all others are as well, a kernel is compiled once and not
    again for every mixture, which a person would have to wait for.
    """
    for member in bundle:
        if isinstance(member, np.ndarray):
            member.flags.writeable = False
        elif isinstance(member, tuple):
            read_only(member)
    return bundle


def cache_folder() -> Path:
    """Give the folder of compiled code, named by numba's version and the kernels' sources.

    It lies beside the sources, or in the user's cache where those cannot be written.
    """
    digest = hashlib.sha256(numba.__version__.encode())
    for source in sorted([*_SOURCES.glob("*.py"), *_SOURCES.parent.glob(f"{_BESIDE}/*.py")]):
        content = source.read_bytes()
        if b"\n@compiled\n" in content:
            digest.update(content)
    name = f"kernels-{digest.hexdigest()[:16]}"
    beside = _SOURCES / "__pycache__"
    if os.access(beside if beside.exists() else _SOURCES, os.W_OK):
        return beside / name
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "geoapp" / name


numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]
