"""``SchemaForm``: a Django form whose rules come from a schema."""

from __future__ import annotations

from nova_drf.forms.inputs import SchemaFormField
from nova_drf.forms.schema_form import SchemaForm

__all__ = ["SchemaForm", "SchemaFormField"]
