"""Which hooks become validators of a schema, and which ``get_fields`` only add."""

from __future__ import annotations

from typing import Any

import libcst as cst
import pytest

from nova_drf.migration.codegen.hooks import as_validator, is_pure, plain_additions


def method(code: str) -> cst.FunctionDef:
    found: Any = cst.parse_statement(code)
    return found


@pytest.mark.parametrize(
    "body",
    [
        "return value",
        "return value.strip().lower()",
        "return value[::-1]",
        'if len(value) > 3 and not value.isdigit(): raise ValidationError("No.", code="x")',
        'raise serializers.ValidationError(_("Not {value}."))',
        'raise serializers.ValidationError(f"Not {value}.")',
    ],
)
def test_pure_hooks(body: str) -> None:
    assert is_pure(method(f"def validate_name(self, value):\n    {body}\n"))


@pytest.mark.parametrize(
    "body",
    [
        "return self.context['a']",
        "return int(value)",
        "return value.index('a')",
        "return User.objects.get(name=value)",
        "return super().validate_name(value)",
        "raise serializers.SkipField",
        "assert value",
        "return '%s' % value",
        "return f'{value:d}'",
        "return [one for one in map(lambda x: x, value)]",
        "try: return value\n    except ValueError: return None",
        "with x: return value",
        "global y",
        "yield value",
    ],
)
def test_hooks_that_stay(body: str) -> None:
    assert not is_pure(method(f"def validate_name(self, value):\n    {body}\n"))


@pytest.mark.parametrize(
    "head",
    [
        "def f(self):",
        "def f(self, value, more):",
        "def f(self, value, *, more):",
        "def f(self, value, *more):",
        "def f(self, value, **more):",
        "def f(self, value=1):",
        "def f(self, value, /):",
        "async def f(self, value):",
        "@cached\ndef f(self, value):",
    ],
)
def test_other_signatures_stay(head: str) -> None:
    assert not is_pure(method(f"{head}\n    return value\n"))


def test_a_validator_keeps_its_code() -> None:
    code = "def validate_name(self, value: str) -> str:\n    # Why.\n    return value  # So.\n"
    made = cst.Module([as_validator(method(code), "name", "field_validator")]).code
    assert made == (
        '@field_validator("name")\n'
        "@classmethod\n"
        "def validate_name(cls, value: str) -> str:\n"
        "    # Why.\n"
        "    return value  # So.\n"
    )


ADDS = '''def get_fields(self):
    """Add children."""
    fields = super().get_fields()
    fields["children"] = Node(many=True)
    return fields
'''


def test_a_get_fields_that_only_adds() -> None:
    assert list(plain_additions(method(ADDS)) or ()) == ["children"]


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ('["children"]', "[name]"),
        ("Node(many=True)", "Node(context=self.context)"),
        ("Node(many=True)", 'fields["other"]'),
        ("super().get_fields()", "{}"),
        ("return fields", "return {}"),
        ('    fields["children"] = Node(many=True)\n', ""),
        ('    fields["children"]', '    del fields["a"]\n    fields["children"]'),
    ],
)
def test_a_get_fields_that_does_more(was: str, becomes: str) -> None:
    assert was in ADDS
    assert plain_additions(method(ADDS.replace(was, becomes))) is None
