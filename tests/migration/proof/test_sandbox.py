"""Nothing that is tried out leaves a trace, and all that it does is noted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.utils import IntegrityError

from nova_drf.migration.proof import recording
from nova_drf.migration.proof.recording import recorded
from nova_drf.migration.proof.sandbox import SandboxError, sandbox, sandbox_settings
from tests.testapp.models import Author, Book, Tag

pytestmark = pytest.mark.django_db(transaction=True)


def test_rows_files_caches_and_mail_are_as_before(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    kept = default_storage.save("kept.txt", ContentFile(b"kept"))
    cache.set("kept", 1)
    tag = Tag.objects.create(name="kept", slug="kept")
    with sandbox():
        Tag.objects.create(name="new", slug="new")
        tag.delete()
        cache.set("kept", 2)
        mail.send_mail("New", "", "a@example.org", ["b@example.org"])
        with default_storage.open(kept) as file:
            assert file.read() == b"kept"
        assert default_storage.size(kept) == 4
        new = default_storage.save("kept.txt", ContentFile(b"another"))
        with default_storage.open(new) as file:
            assert (new != kept, file.read()) == (True, b"another")
        assert default_storage.url(new) == f"/{new}"
        default_storage.delete(kept)
        default_storage.delete(new)
        assert default_storage.exists(kept)
        assert not default_storage.exists(new)
    assert list(Tag.objects.values_list("name", flat=True)) == ["kept"]
    assert cache.get("kept") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]
    cache.clear()


def test_an_exception_leaves_no_trace_either() -> None:
    def fail() -> None:
        with sandbox():
            Tag.objects.create(name="new", slug="new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not Tag.objects.exists()


def test_what_a_commit_would_do_is_not_done() -> None:
    done: list[str] = []
    with sandbox():
        transaction.on_commit(lambda: done.append("committed"))
    assert not done


def test_a_database_without_transactions_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection.features, "supports_transactions", False)
    with pytest.raises(SandboxError, match="knows no transactions"), sandbox():
        raise AssertionError


def test_rows_mail_and_what_waits_are_noted() -> None:
    author = Author.objects.create(name="Ada", email="ada@example.org")
    gone = Tag.objects.create(name="gone", slug="gone")
    with sandbox(), recorded() as noted:
        Author.objects.filter(pk=author.pk).update(name="Bo")
        key = gone.pk
        gone.delete()
        Book.objects.create(title="One", isbn="1", author=author)
        mail.send_mail("New", "", "a@example.org", ["b@example.org"])
        transaction.on_commit(print)
    assert noted.rows["testapp_author"] == [{"": "changed", "key": str(author.pk), "name": "Bo"}]
    assert noted.rows["testapp_tag"] == [{"": "deleted", "key": str(key)}]
    (book,) = noted.rows["testapp_book"]
    assert isinstance(book, dict)
    assert (book[""], book["title"], book["author_id"]) == ("inserted", "One", author.pk)
    assert noted.rows["mail"] == [{"to": ["b@example.org"], "subject": "New"}]
    assert noted.rows["on commit"] == ["print"]
    assert Author.objects.get().name == "Ada"


def test_queries_are_counted_and_savepoints_are_not() -> None:
    with sandbox(), recorded() as noted:
        with transaction.atomic():
            assert not Tag.objects.exists()
        assert Tag.objects.count() == 0
    assert (noted.queries, noted.rows) == (2, {})


def test_what_is_written_and_written_back_is_no_change() -> None:
    tag = Tag.objects.create(name="a", slug="a")
    with sandbox(), recorded() as noted:
        Tag.objects.filter(pk=tag.pk).update(name="b")
        Tag.objects.filter(pk=tag.pk).update(name="a")
    assert noted.rows == {}


def test_of_a_big_table_the_statements_are_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "ROWS_READ", 1)
    Tag.objects.bulk_create([Tag(name=str(number), slug=str(number)) for number in range(3)])
    with sandbox(), recorded() as noted:
        Tag.objects.filter(slug="1").update(name="x")
    ((sql, parameters),) = noted.rows["testapp_tag"]
    assert "UPDATE" in sql
    assert "x" in parameters


def test_after_an_error_of_the_database_nothing_stands() -> None:
    Tag.objects.create(name="a", slug="a")
    with sandbox():
        with recorded() as noted, pytest.raises(IntegrityError):
            Tag.objects.create(name="a", slug="a")
        assert noted.rows == {}
        assert Tag.objects.count() == 1, "what follows can ask again"


def test_no_mailer_of_the_project_sends(settings: Any) -> None:
    assert "MAILERS" not in sandbox_settings()
    smtp = {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": {"host": "mail"}}
    settings.MAILERS = {"default": smtp, "news": smtp}
    chosen = sandbox_settings()
    assert "EMAIL_BACKEND" not in chosen
    assert chosen["MAILERS"].keys() == {"default", "news"}
    for mailer in chosen["MAILERS"].values():
        assert mailer == {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}
