"""The outbox: jobs are written in the transaction that asks for them, and sent by a relay.

An app of its own, so that only projects that want its table have it:

>>> INSTALLED_APPS = [..., "nova_drf", "nova_drf.outbox"]
"""
