"""From a DRF serializer to Pydantic source code; ``manage.py nova_convert`` is the way in.

The source is the truth: what a class declares is read from it and carried over as it is written,
with its imports. The running class is the check: it says which type a field becomes, and each class
is imported when it is written and held against the original. What does not come out equal is
written in a way that keeps more of the original, up to the class as it stands.
"""
