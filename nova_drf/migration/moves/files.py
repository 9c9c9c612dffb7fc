"""Several files that are written together, or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from tokenize import detect_encoding

from nova_drf.migration.codegen.outcomes import Change
from nova_drf.migration.moves.candidates import MoveError


def write_together(changes: Iterable[Change]) -> list[Path]:
    """Write files; if one of them cannot be, or somebody interrupts, all are as they were.

    Args:
        changes: The files as they are, and as they are to be.

    Returns:
        What was written.

    Raises:
        MoveError: A file is not as it was when the change was made.
    """
    wanted = [change for change in changes if change.after != change.before]
    contents = {change.path: _content(change.path) for change in wanted}
    encodings = {path: _encoding(content or b"") for path, content in contents.items()}
    for change in wanted:
        if (contents[change.path] or b"") != change.before.encode(encodings[change.path]):
            raise MoveError(f"{change.path} was changed meanwhile. Run the command again.")
    written: list[Path] = []
    try:
        for change in wanted:
            written.append(change.path)
            _replace(change.path, change.after.encode(encodings[change.path]))
    except BaseException:
        # Also Ctrl-C.
        for path in reversed(written):
            _put_back(path, contents[path])
        raise
    return written


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _encoding(content: bytes) -> str:
    """Return the encoding that a file says, or has by a mark in front."""
    return detect_encoding(BytesIO(content).readline)[0]


def _put_back(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
    else:
        _replace(path, content)


def _replace(path: Path, content: bytes) -> None:
    """Write a file so that nobody sees half of it."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(content)
            file.flush()
            if path.exists():
                shutil.copymode(path, temporary)
            else:
                temporary.chmod(0o666 & ~_umask())
            temporary.replace(path)
        except BaseException:
            # Ctrl-C as well: no half-written file stays behind.
            temporary.unlink(missing_ok=True)
            raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
