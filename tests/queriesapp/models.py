"""Models that have a say in how their instances are made, and some that have none."""

from __future__ import annotations

from typing import Any

from django.db import models


class Temperature:
    """A value of a class of its own."""

    def __init__(self, degrees: int) -> None:
        self.degrees = degrees

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Temperature) and self.degrees == other.degrees

    __hash__ = None


class TemperatureField(models.IntegerField):
    """Converts what comes from the database."""

    def from_db_value(self, value: int | None, expression: object, connection: object) -> Any:
        return None if value is None else Temperature(value)

    def get_prep_value(self, value: Any) -> Any:
        return value.degrees if isinstance(value, Temperature) else value


class UpperCase:
    """A descriptor that changes what is assigned."""

    def __init__(self, field: Any) -> None:
        self.field = field

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else instance.__dict__[self.field.attname]

    def __set__(self, instance: Any, value: str) -> None:
        instance.__dict__[self.field.attname] = value.upper()


class UpperCaseField(models.CharField):
    """A field whose descriptor wants to see the assignment."""

    descriptor_class = UpperCase


class Place(models.Model):
    """A parent with a table of its own, and a relation to itself."""

    name = models.CharField(max_length=30)
    within = models.ForeignKey("self", models.CASCADE, null=True, related_name="parts")
    warmth = TemperatureField(null=True)

    class Meta:
        ordering = ["pk"]

    @property
    def shout(self) -> str:
        return vars(self).get("shouted", "")

    @shout.setter
    def shout(self, value: str) -> None:
        self.shouted = value + "!"


class Cafe(Place):
    """Multi-table inheritance."""

    seats = models.IntegerField(default=0)
    owner = models.ForeignKey("Owner", models.SET_NULL, null=True, related_name="cafes")
    partner = models.ForeignKey("Owner", models.SET_NULL, null=True, related_name="+")


class Menu(models.Model):
    """A one-to-one relation, and a key of its own kind."""

    code = models.CharField(max_length=10, primary_key=True)
    cafe = models.OneToOneField(Cafe, models.CASCADE, related_name="menu")
    scan = models.FileField(upload_to="menus", blank=True)


class Owner(models.Model):
    """One who has an ``__init__`` of their own, whom instances of other models refer to."""

    name = models.CharField(max_length=30)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.was = self.name


class Greeting(Place):
    """A proxy is made like the model behind it."""

    class Meta:
        proxy = True


class Initialized(models.Model):
    """Has an ``__init__``."""

    name = models.CharField(max_length=30)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seen = "__init__"


class LaterInit:
    """Comes after ``Model``, whose ``__init__`` calls this one."""

    def __init__(self) -> None:
        self.seen = "later"


class InitializedLater(models.Model, LaterInit):
    """Has a base behind ``Model`` with an ``__init__``."""

    name = models.CharField(max_length=30)


class Loaded(models.Model):
    """Has a ``from_db``."""

    name = models.CharField(max_length=30)

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Loaded:
        instance = super().from_db(*args, **kwargs)
        instance.seen = "from_db"
        return instance


class Made(models.Model):
    """Has a ``__new__``."""

    name = models.CharField(max_length=30)

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        instance = super().__new__(cls)
        vars(instance)["seen"] = "__new__"
        return instance


class Watching(models.Model):
    """Has a ``__setattr__``."""

    name = models.CharField(max_length=30)

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        vars(self).setdefault("seen", []).append(name)


class Shouting(models.Model):
    """Has a field whose descriptor changes what is assigned."""

    name = UpperCaseField(max_length=30)


class Slotted:
    """Keeps one attribute out of ``__dict__``."""

    __slots__ = ("name",)


class City(models.Model):
    """The outermost relation: copy -> reader -> city."""

    name = models.CharField(max_length=30)


class Reader(models.Model):
    """Whom a copy may be lent to."""

    name = models.CharField(max_length=30)
    city = models.ForeignKey(City, models.CASCADE, null=True, related_name="readers")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Card(models.Model):
    """A one-to-one relation, read from its other side."""

    reader = models.OneToOneField(Reader, models.CASCADE, related_name="card")
    number = models.IntegerField()


class Label(models.Model):
    """A many-to-many target whose ordering leaves no ties."""

    name = models.CharField(max_length=30)
    city = models.ForeignKey(City, models.CASCADE, null=True)

    class Meta:
        ordering = ["-id"]


class Shelf(models.Model):
    """Has copies."""

    name = models.CharField(max_length=30)

    class Meta:
        ordering = ["id"]


class Copy(models.Model):
    """Refers to one, to none, and to many."""

    code = models.IntegerField(unique=True)
    shelf = models.ForeignKey(Shelf, models.CASCADE, related_name="copies")
    reader = models.ForeignKey(Reader, models.SET_NULL, null=True, related_name="copies")
    labels = models.ManyToManyField(Label, related_name="labelled", related_query_name="copy")

    class Meta:
        ordering = ["-code"]


class Kept(models.Manager["Note"]):
    """Hides some rows."""

    def get_queryset(self) -> models.QuerySet[Note]:
        return super().get_queryset().filter(is_hidden=False)


class Note(models.Model):
    """Has managers of its own, which hide some rows, also of those that others refer to."""

    text = models.CharField(max_length=30)
    is_hidden = models.BooleanField(default=False)
    copy = models.ForeignKey(Copy, models.CASCADE, null=True, related_name="notes")
    answers = models.ForeignKey("self", models.CASCADE, null=True, related_name="answered_by")

    objects = Kept()

    class Meta:
        ordering = ["id"]
        base_manager_name = "objects"


PARTICULAR: list[type[Any]] = [
    *(Initialized, InitializedLater, Loaded, Made, Watching, Shouting, Owner),
]
"""The models whose instances only Django makes."""
