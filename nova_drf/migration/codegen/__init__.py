"""From a DRF serializer to Pydantic source code; ``manage.py nova_convert`` is the way in.

A class is written the way a programmer would, the code is run, and each of its fields is held
against the original's. What does not come out equal is written in a way that keeps more of the
original, up to the serializer as it stands. So nothing here has to know what DRF means by a field.
"""
