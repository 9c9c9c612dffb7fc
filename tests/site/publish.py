"""``make docs-version``: the site of this version, beside those that were published before.

In the directory, each version has a directory of its own, and ``versions.json`` names all of them,
the newest first, with their pages. The pages read that file when they are opened. So the site of an
old version, which is not built again, knows the versions that came later.
"""

from __future__ import annotations

import json
import sys
from html import escape
from pathlib import Path
from typing import Any

from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]

_INDEX = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url={newest}/index.html">
<link rel="icon" href="data:,">
<title>Documentation</title>
<a href="{newest}/index.html">The documentation of version {newest}</a>
</html>
"""


def publish(directory: Path, version: str, source: Path = ROOT / "migration_guide") -> None:
    """Build the site of one version, and name it in the list of all versions.

    Args:
        directory: Where all versions are.
        version: The version that is built.
        source: The pages.

    Raises:
        RuntimeError: Sphinx could not build the site.
    """
    from sphinx.cmd.build import build_main

    options = ["-D", f"version={version}", "-D", f"release={version}", "-A", "published=1"]
    site = directory / version
    if build_main(["--fail-on-warning", "--quiet", "-b", "html", *options, str(source), str(site)]):
        raise RuntimeError(f"The site of version {version} could not be built.")
    versions = listed(directory)
    (directory / "versions.json").write_text(json.dumps(versions, indent=1))
    newest = escape(str(versions[0]["name"]))
    (directory / "index.html").write_text(_INDEX.format(newest=newest))


def listed(directory: Path) -> list[dict[str, Any]]:
    """Return the versions that a directory has, the newest first, releases before others.

    Args:
        directory: Where all versions are.
    """
    sites = [site.parent for site in directory.glob("*/index.html")]
    versions = sorted((Version(site.name) for site in sites), key=_order, reverse=True)
    return [
        {"name": str(version), "pages": _pages(directory / str(version))} for version in versions
    ]


def _order(version: Version) -> tuple[bool, Version]:
    return not version.is_prerelease, version


def _pages(site: Path) -> list[str]:
    found = (file.relative_to(site).as_posix() for file in site.rglob("*.html"))
    return sorted(page for page in found if not page.startswith("_"))


def main(directory: str) -> int:
    """Publish the version of this checkout."""
    import nova_drf

    publish(Path(directory), nova_drf.__version__)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
