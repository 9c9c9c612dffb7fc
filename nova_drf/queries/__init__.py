"""How querysets are read: model instances that are made quickly."""

from nova_drf.queries.instances import quick_instances as quick_instances
