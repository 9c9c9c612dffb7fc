"""The contract diff: each change has the check and the severity that oasdiff gives it."""

from __future__ import annotations

import json
import subprocess
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from rest_framework import serializers, viewsets

from nova_drf.migration.proof.contract_checks import CHECKS, Severity
from nova_drf.migration.proof.contracts import contract_changes
from nova_drf.openapi.views import view_document
from tests.testapp.models import Tag

TEXT: dict[str, Any] = {"type": "string"}
WHOLE: dict[str, Any] = {"type": "integer"}

BREAKING, RISKY, HARMLESS = Severity.BREAKING, Severity.RISKY, Severity.HARMLESS


def document(operation: Any = None, paths: Any = None, **more: Any) -> dict[str, Any]:
    """Return a document with one operation, or with other paths."""
    usual = {"/things/": {"post": {"responses": {}, **(operation or {})}}}
    return {"openapi": "3.0.3", "paths": usual if paths is None else paths, **more}


def body(schema: Any, **more: Any) -> dict[str, Any]:
    return {"requestBody": {"content": {"application/json": {"schema": schema}}, **more}}


def answer(schema: Any, status: str = "200", **more: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"responses": {status: {"content": content, **more}}}


def sent(schema: Any, required: bool = False) -> dict[str, Any]:
    """Return an operation with one property in the body."""
    return body(objects(schema, required))


def answered(schema: Any, required: bool = False) -> dict[str, Any]:
    return answer(objects(schema, required))


def objects(schema: Any, required: bool = False) -> dict[str, Any]:
    properties = {} if schema is None else {"p": schema}
    return {"type": "object", "properties": properties, "required": ["p"] if required else []}


def asked(schema: Any = None, place: str = "query", **more: Any) -> dict[str, Any]:
    """Return an operation with one parameter."""
    return {"parameters": [{"name": "p", "in": place, "schema": schema or TEXT, **more}]}


def enum(*values: Any) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


NULLABLE = {"type": "string", "nullable": True}
NOTHING: dict[str, Any] = {}

OPERATIONS: list[tuple[str, Severity, Any, Any]] = [
    ("api-operation-id-removed", HARMLESS, {"operationId": "a"}, {"operationId": "b"}),
    ("api-operation-id-added", HARMLESS, NOTHING, {"operationId": "b"}),
    ("api-tag-added", HARMLESS, NOTHING, {"tags": ["a"]}),
    ("api-tag-removed", HARMLESS, {"tags": ["a"]}, NOTHING),
    ("api-security-added", HARMLESS, NOTHING, {"security": [{"token": []}]}),
    ("api-security-removed", HARMLESS, {"security": [{"token": []}]}, NOTHING),
    ("endpoint-deprecated", HARMLESS, NOTHING, {"deprecated": True}),
    ("endpoint-reactivated", HARMLESS, {"deprecated": True}, NOTHING),
    # Parameters
    ("new-required-request-parameter", BREAKING, NOTHING, asked(required=True)),
    ("new-optional-request-parameter", HARMLESS, NOTHING, asked()),
    ("new-request-path-parameter", BREAKING, NOTHING, asked(place="path", required=True)),
    ("request-parameter-removed", RISKY, asked(), NOTHING),
    ("request-parameter-removed-with-deprecation", HARMLESS, asked(deprecated=True), NOTHING),
    ("request-parameter-became-required", BREAKING, asked(), asked(required=True)),
    ("request-parameter-became-optional", HARMLESS, asked(required=True), asked()),
    ("request-parameter-deprecated", HARMLESS, asked(), asked(deprecated=True)),
    ("request-parameter-type-changed", BREAKING, asked(TEXT), asked(WHOLE)),
    ("request-parameter-type-generalized", HARMLESS, asked(WHOLE), asked({"type": "number"})),
    ("request-parameter-became-enum", BREAKING, asked(), asked(enum("a"))),
    ("request-parameter-enum-value-removed", BREAKING, asked(enum("a", "b")), asked(enum("a"))),
    ("request-parameter-enum-value-added", HARMLESS, asked(enum("a")), asked(enum("a", "b"))),
    (
        "request-parameter-default-value-changed",
        BREAKING,
        asked({**WHOLE, "default": 10}),
        asked({**WHOLE, "default": 20}),
    ),
    ("request-parameter-default-value-added", BREAKING, asked(), asked({**TEXT, "default": ""})),
    ("request-parameter-max-set", RISKY, asked(WHOLE), asked({**WHOLE, "maximum": 9})),
    (
        "request-parameter-min-length-increased",
        BREAKING,
        asked({**TEXT, "minLength": 1}),
        asked({**TEXT, "minLength": 2}),
    ),
    ("request-parameter-pattern-added", BREAKING, asked(), asked({**TEXT, "pattern": "a"})),
    # Bodies of requests
    ("request-body-added-required", BREAKING, NOTHING, body(TEXT, required=True)),
    ("request-body-added-optional", HARMLESS, NOTHING, body(TEXT)),
    ("request-body-removed", BREAKING, body(TEXT), NOTHING),
    ("request-body-became-required", BREAKING, body(TEXT), body(TEXT, required=True)),
    ("request-body-became-optional", HARMLESS, body(TEXT, required=True), body(TEXT)),
    ("request-body-type-changed", BREAKING, body(TEXT), body({"type": "array", "items": TEXT})),
    (
        "request-body-media-type-removed",
        BREAKING,
        {"requestBody": {"content": {"application/json": {}, "text/csv": {}}}},
        {"requestBody": {"content": {"application/json": {}}}},
    ),
    (
        "request-body-media-type-added",
        HARMLESS,
        {"requestBody": {"content": {"application/json": {}}}},
        {"requestBody": {"content": {"application/json": {}, "text/csv": {}}}},
    ),
    ("new-required-request-property", BREAKING, sent(None), sent(TEXT, True)),
    (
        "new-required-request-property-with-default",
        BREAKING,
        sent(None),
        sent({**TEXT, "default": "a"}, True),
    ),
    ("new-optional-request-property", HARMLESS, sent(None), sent(TEXT)),
    ("request-property-removed", RISKY, sent(TEXT), sent(None)),
    ("request-property-became-required", BREAKING, sent(TEXT), sent(TEXT, True)),
    ("request-property-became-optional", HARMLESS, sent(TEXT, True), sent(TEXT)),
    ("request-property-type-changed", BREAKING, sent(TEXT), sent(WHOLE)),
    (
        "request-property-type-changed",
        BREAKING,
        sent(TEXT),
        sent({"type": "string", "format": "date"}),
    ),
    (
        "request-property-type-generalized",
        HARMLESS,
        sent({"type": "string", "format": "date"}),
        sent(TEXT),
    ),
    ("request-property-became-nullable", HARMLESS, sent(TEXT), sent(NULLABLE)),
    ("request-property-became-not-nullable", BREAKING, sent(NULLABLE), sent(TEXT)),
    ("request-property-became-enum", BREAKING, sent(TEXT), sent(enum("a"))),
    ("request-property-enum-value-removed", BREAKING, sent(enum("a", "b")), sent(enum("a"))),
    ("request-property-enum-value-added", HARMLESS, sent(enum("a")), sent(enum("a", "b"))),
    ("request-property-max-length-set", RISKY, sent(TEXT), sent({**TEXT, "maxLength": 9})),
    (
        "request-property-max-length-decreased",
        BREAKING,
        sent({**TEXT, "maxLength": 9}),
        sent({**TEXT, "maxLength": 8}),
    ),
    (
        "request-property-max-length-increased",
        HARMLESS,
        sent({**TEXT, "maxLength": 9}),
        sent({**TEXT, "maxLength": 10}),
    ),
    ("request-property-min-set", RISKY, sent(WHOLE), sent({**WHOLE, "minimum": 0})),
    (
        "request-property-min-increased",
        BREAKING,
        sent({**WHOLE, "minimum": 0}),
        sent({**WHOLE, "minimum": 1}),
    ),
    (
        "request-property-max-decreased",
        BREAKING,
        sent({**WHOLE, "maximum": 9}),
        sent({**WHOLE, "maximum": 8}),
    ),
    ("request-property-pattern-added", BREAKING, sent(TEXT), sent({**TEXT, "pattern": "a"})),
    (
        "request-property-pattern-changed",
        RISKY,
        sent({**TEXT, "pattern": "a"}),
        sent({**TEXT, "pattern": "b"}),
    ),
    (
        "request-property-default-value-changed",
        HARMLESS,
        sent({**WHOLE, "default": 1}),
        sent({**WHOLE, "default": 2}),
    ),
    (
        "request-property-one-of-removed",
        BREAKING,
        sent({"oneOf": [TEXT, WHOLE, {"type": "boolean"}]}),
        sent({"oneOf": [TEXT, WHOLE]}),
    ),
    # Responses
    ("response-success-status-removed", BREAKING, answer(TEXT), {"responses": {}}),
    ("response-success-status-added", HARMLESS, {"responses": {}}, answer(TEXT, "201")),
    ("response-non-success-status-removed", HARMLESS, answer(TEXT, "404"), {"responses": {}}),
    ("response-non-success-status-added", HARMLESS, {"responses": {}}, answer(TEXT, "404")),
    (
        "response-media-type-removed",
        BREAKING,
        {"responses": {"200": {"content": {"application/json": {}, "text/csv": {}}}}},
        {"responses": {"200": {"content": {"application/json": {}}}}},
    ),
    (
        "response-media-type-added",
        HARMLESS,
        {"responses": {"200": {"content": {"application/json": {}}}}},
        {"responses": {"200": {"content": {"application/json": {}, "text/csv": {}}}}},
    ),
    (
        "required-response-header-removed",
        BREAKING,
        answer(TEXT, headers={"X-A": {"required": True}}),
        answer(TEXT),
    ),
    ("optional-response-header-removed", RISKY, answer(TEXT, headers={"X-A": {}}), answer(TEXT)),
    ("response-header-added", HARMLESS, answer(TEXT), answer(TEXT, headers={"X-A": {}})),
    (
        "response-header-became-optional",
        BREAKING,
        answer(TEXT, headers={"X-A": {"required": True}}),
        answer(TEXT, headers={"X-A": {}}),
    ),
    ("response-body-type-changed", BREAKING, answer(TEXT), answer({"type": "array"})),
    ("response-required-property-removed", BREAKING, answered(TEXT, True), answered(None)),
    ("response-optional-property-removed", RISKY, answered(TEXT), answered(None)),
    ("response-required-property-added", HARMLESS, answered(None), answered(TEXT, True)),
    ("response-optional-property-added", HARMLESS, answered(None), answered(TEXT)),
    ("response-property-became-optional", BREAKING, answered(TEXT, True), answered(TEXT)),
    ("response-property-became-required", HARMLESS, answered(TEXT), answered(TEXT, True)),
    ("response-property-became-nullable", BREAKING, answered(TEXT), answered(NULLABLE)),
    ("response-property-became-not-nullable", HARMLESS, answered(NULLABLE), answered(TEXT)),
    ("response-property-type-changed", BREAKING, answered(TEXT), answered(WHOLE)),
    (
        "response-property-type-generalized",
        BREAKING,
        answered({"type": "string", "format": "date"}),
        answered(TEXT),
    ),
    (
        "response-property-type-specialized",
        HARMLESS,
        answered({"type": "number"}),
        answered(WHOLE),
    ),
    ("response-property-enum-value-added", RISKY, answered(enum("a")), answered(enum("a", "b"))),
    (
        "response-property-enum-value-removed",
        HARMLESS,
        answered(enum("a", "b")),
        answered(enum("a")),
    ),
    (
        "response-property-max-length-increased",
        BREAKING,
        answered({**TEXT, "maxLength": 9}),
        answered({**TEXT, "maxLength": 10}),
    ),
    (
        "response-property-max-length-unset",
        BREAKING,
        answered({**TEXT, "maxLength": 9}),
        answered(TEXT),
    ),
    (
        "response-property-min-decreased",
        BREAKING,
        answered({**WHOLE, "minimum": 1}),
        answered({**WHOLE, "minimum": 0}),
    ),
]


@pytest.mark.parametrize("number", range(len(OPERATIONS)))
def test_a_change_of_an_operation(number: int) -> None:
    check, severity, old, new = OPERATIONS[number]
    (only,) = contract_changes(document(old), document(new))
    assert (only.check, only.severity) == (check, severity)
    assert only.operation == "POST /things/"


def test_there_are_enough_of_them() -> None:
    assert len(OPERATIONS) >= 60


THING = {"get": {"responses": {}}}
PATHS: list[tuple[str, Severity, Any, Any]] = [
    ("api-path-removed-without-deprecation", BREAKING, {"/a/": THING}, {}),
    ("api-path-removed-with-deprecation", HARMLESS, {"/a/": {"get": {"deprecated": True}}}, {}),
    ("api-removed-without-deprecation", BREAKING, {"/a/": {**THING, "put": {}}}, {"/a/": THING}),
    ("endpoint-added", HARMLESS, {}, {"/a/": THING}),
]


@pytest.mark.parametrize("number", range(len(PATHS)))
def test_a_change_of_the_paths(number: int) -> None:
    check, severity, old, new = PATHS[number]
    (only,) = contract_changes(document(paths=old), document(paths=new))
    assert (only.check, only.severity) == (check, severity)


def components(**schemas: Any) -> dict[str, Any]:
    return {"components": {"schemas": schemas}}


REF = {"$ref": "#/components/schemas/Thing"}
SAME: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a reference": (
        document(answered(TEXT)),
        document(answer(REF), **components(Thing=objects(TEXT))),
    ),
    "a reference in allOf": (
        document(answered(TEXT)),
        document(answer({"allOf": [REF]}), **components(Thing=objects(TEXT))),
    ),
    "allOf laid together": (
        document(answered(TEXT, True)),
        document(
            answer({"type": "object", "allOf": [{"properties": {"p": TEXT}}, {"required": ["p"]}]})
        ),
    ),
    "null in 3.1": (
        document(answered(NULLABLE)),
        document(answered({"type": ["string", "null"]})),
    ),
    "null as an alternative": (
        document(answered(NULLABLE)),
        document(answered({"anyOf": [TEXT, {"type": "null"}]})),
    ),
    "a choice that may be blank": (
        document(answered(enum("a", ""))),
        document(
            answered({"oneOf": [{"$ref": "#/components/schemas/A"}, {"enum": [""]}]}),
            **components(A=enum("a")),
        ),
    ),
    "a read-only property of a request": (
        document(sent({**TEXT, "readOnly": True})),
        document(sent(None)),
    ),
    "a write-only property of a response": (
        document(answered({**TEXT, "writeOnly": True})),
        document(answered(None)),
    ),
    "another name of a path's argument": (
        document(paths={"/a/{id}/": {"get": asked(place="path", required=True)}}),
        document(
            paths={
                "/a/{pk}/": {
                    "parameters": asked(place="path", required=True)["parameters"],
                    "get": {},
                }
            }
        ),
    ),
    "a description": (
        document(answered({**TEXT, "description": "a"})),
        document(answered({**TEXT, "description": "b"})),
    ),
}


@pytest.mark.parametrize("case", SAME)
def test_what_says_the_same_is_no_change(case: str) -> None:
    old, new = SAME[case]
    assert contract_changes(old, new) == []


def test_a_schema_may_refer_to_itself() -> None:
    tree = {
        "type": "object",
        "properties": {"name": TEXT, "inner": {"type": "array", "items": REF}},
    }
    changed = {**tree, "properties": {**tree["properties"], "name": WHOLE}}
    old = document(answer(REF), **components(Thing=tree))
    new = document(answer(REF), **components(Thing=changed))
    changes = contract_changes(old, new)
    assert {one.check for one in changes} == {"response-property-type-changed"}
    assert changes[0].where == "200.name"
    assert contract_changes(old, old) == []
    circle = document(
        answer({"$ref": "#/components/schemas/A"}),
        **components(A={"$ref": "#/components/schemas/A"}),
    )
    assert contract_changes(circle, circle) == []


def test_places_are_told() -> None:
    nested = {"type": "array", "items": objects(objects(TEXT))}
    other = {"type": "array", "items": objects(objects(WHOLE))}
    (only,) = contract_changes(document(answer(nested)), document(answer(other)))
    assert str(only) == (
        "breaking [response-property-type-changed] POST /things/ 200[].p.p: string became integer"
    )


# Documents that drf-spectacular makes of real changes


def viewset(**fields: Any) -> Any:
    body = {"name": serializers.CharField(max_length=30), **fields}
    made = type("TagSerializer", (serializers.Serializer,), body)
    attributes = {"queryset": Tag.objects.order_by("id"), "serializer_class": made}
    return type("TagViewSet", (viewsets.ModelViewSet,), attributes)


REAL: dict[str, tuple[Any, dict[str, int]]] = {
    "nothing": (lambda: viewset(), {}),
    "a shorter text": (
        lambda: viewset(name=serializers.CharField(max_length=29)),
        {"request-property-max-length-decreased": 3},
    ),
    "a new required field": (
        lambda: viewset(size=serializers.IntegerField()),
        {"new-required-request-property": 2, "new-optional-request-property": 1},
    ),
    "null is answered": (
        lambda: viewset(name=serializers.CharField(max_length=30, allow_null=True)),
        {"response-property-became-nullable": 5, "request-property-became-nullable": 3},
    ),
    "a number for a text": (
        lambda: viewset(name=serializers.IntegerField()),
        {"response-property-type-changed": 5, "request-property-type-changed": 3},
    ),
}


@pytest.mark.parametrize("case", REAL)
def test_documents_of_drf_spectacular(case: str) -> None:
    changed, expected = REAL[case]
    changes = contract_changes(view_document(viewset()), view_document(changed()))
    found = [one.check for one in changes]
    for check, least in expected.items():
        assert found.count(check) >= least, found
    assert bool(found) is bool(expected)


# The command


def run(*arguments: str) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command("nova_openapi_diff", *arguments, stdout=out)
    except CommandError as error:
        return f"{out.getvalue()}{error}", error.returncode
    return out.getvalue(), 0


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    old, new = tmp_path / "old.json", tmp_path / "new.yml"
    old.write_text(json.dumps(document(answered(TEXT, True))))
    new.write_text(
        yaml.safe_dump(document({"responses": {200: answered(None)["responses"]["200"]}}))
    )
    return str(old), str(new)


def test_the_command_prints_text_json_and_markdown(files: tuple[str, str]) -> None:
    out, code = run(*files)
    assert code == 1
    assert "breaking [response-required-property-removed] POST /things/ 200.p" in out
    assert "1 breaking, 0 risky, 0 harmless" in out
    (change,) = json.loads(run(*files, "--format", "json", "--fail-on", "never")[0])["changes"]
    assert change == {
        **{"check": "response-required-property-removed", "operation": "POST /things/"},
        **{"where": "200.p", "text": "", "severity": "breaking"},
    }
    out, _ = run(*files, "--format", "markdown", "--fail-on", "never")
    assert "| breaking | `POST /things/` | 200.p | `response-required-property-removed` |" in out


@pytest.mark.parametrize(("limit", "code"), [("never", 0), ("breaking", 0), ("harmless", 1)])
def test_the_exit_code_goes_by_the_severity(
    files: tuple[str, str], tmp_path: Path, limit: str, code: int
) -> None:
    assert run(files[1], files[0], "--fail-on", limit)[1] == code


def test_what_is_approved_does_not_count_and_has_to_occur(
    files: tuple[str, str], tmp_path: Path
) -> None:
    approved = tmp_path / "approved.toml"
    approved.write_text(
        '[[approved]]\nendpoint = "POST /things/"\nkind = "response-required-property-removed"\n'
        'path = "200.p"\nreason = "Nobody read it."\napproved_by = "Ada"\n'
    )
    assert run(*files, "--approved", str(approved))[1] == 0
    out, code = run(files[1], files[0], "--approved", str(approved))
    assert code == 1
    assert "no longer occurs" in out


def test_a_document_of_a_git_revision(files: tuple[str, str], monkeypatch: Any) -> None:
    folder = Path(files[0]).parent
    monkeypatch.chdir(folder)
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for command in (["init", "-q"], ["add", "old.json"], [*who, "commit", "-qm", "One"]):
        subprocess.run(["git", *command], check=True)  # noqa: S607  (the one that is there)
    assert run("HEAD:old.json", "old.json")[1] == 0
    assert run("HEAD:old.json", "new.yml")[1] == 1
    out, code = run("HEAD:none.json", "new.yml")
    assert (code, "none.json" in out) == (2, True)


def test_two_views_are_compared() -> None:
    books = "catalogue.views.ClassicBookViewSet"
    out, code = run(books, "catalogue.views.AsyncBookViewSet")
    assert (code, out.splitlines()[-1]) == (0, "0 breaking, 0 risky, 0 harmless"), out
    assert run(books, "orders.views.OrderViewSet")[1] == 1


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nowhere.View", "is no file, no <revision>:<file> and no view"),
        ("catalogue.models.Book", "is no view of DRF's"),
        ("-x:y", "it is no revision"),
    ],
)
def test_what_is_no_document_is_told(files: tuple[str, str], source: str, message: str) -> None:
    out, code = run("--", source, files[1])
    assert code == 2
    assert message in out


def test_a_file_that_is_no_document_is_told(tmp_path: Path) -> None:
    for text, message in (("{}", "it has no 'paths'"), ("a: [", "neither JSON nor YAML")):
        (tmp_path / "x.yml").write_text(text)
        out, code = run(str(tmp_path / "x.yml"), str(tmp_path / "x.yml"))
        assert (code, message in out) == (2, True)


def test_oasdiff_is_run_where_it_is(
    files: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(*files, "--engine", "oasdiff") == (
        "There is no oasdiff on PATH. Install it, or leave --engine out.",
        2,
    )
    program = tmp_path / "oasdiff"
    program.write_text('#!/bin/sh\necho "$@"\nexit 1\n')
    program.chmod(0o755)
    out, code = run(*files, "--engine", "oasdiff")
    assert (code, f"changelog --fail-on ERR -- {files[0]} {files[1]}" in out) == (1, True)


def test_every_check_has_one_severity() -> None:
    assert all(name == name.lower() for name in CHECKS)
    assert {*CHECKS.values()} == {*Severity}
