"""Where OpenAPI documents come from: a file, or a file of a git revision."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from nova_drf.core.exceptions import NovaError


class ContractError(NovaError):
    """There is no OpenAPI document where one was said to be."""


def is_document(source: str) -> bool:
    """Whether a source is a file, or a file of a git revision (``main:schema.yml``).

    Args:
        source: What was said.
    """
    return Path(source).is_file() or ":" in source


def load_document(source: str) -> dict[str, Any]:
    """Read an OpenAPI document.

    Args:
        source: A file, JSON or YAML, or ``<revision>:<file>``.

    Raises:
        ContractError: It is not there, or no OpenAPI document.
    """
    file = Path(source)
    text = file.read_text("utf-8") if file.is_file() else _of_revision(source)
    document = _parsed(text, source)
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        raise ContractError(f"{source}: it has no 'paths', so it is no OpenAPI document.")
    return document


def _of_revision(source: str) -> str:
    git = shutil.which("git")
    if git is None:
        raise ContractError(f"{source}: git is not installed. Name a file.")
    if source.startswith("-"):
        raise ContractError(f"{source}: it is no revision. Write <revision>:<file>.")
    # Git gets it as one argument, which is no option.
    shown = subprocess.run([git, "show", source], capture_output=True, check=False)  # noqa: S603
    if shown.returncode:
        complaint = shown.stderr.decode(errors="replace").strip()
        raise ContractError(f"{source}: {complaint}")
    return shown.stdout.decode("utf-8")


def _parsed(text: str, source: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        # Then it is YAML, which drf-spectacular writes by default.
        from yaml import YAMLError, safe_load
    try:
        # As JSON has it: the keys are texts, and so are dates.
        return json.loads(json.dumps(safe_load(text), default=str))
    except (YAMLError, TypeError) as error:
        raise ContractError(f"{source}: neither JSON nor YAML: {error}") from error
