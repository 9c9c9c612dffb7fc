"""Services know nothing of Django REST Framework, of requests, or of our modules that do."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
import nova_drf.services
import nova_drf.services.tasks
print(sorted(m for m in sys.modules if m.partition(".")[0] == "rest_framework"))
print("django.http" in sys.modules)
"""


def test_no_rest_framework_is_imported() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["[]", "False"], done.stderr
