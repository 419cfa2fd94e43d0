"""The documents: what is committed is what the code makes, it is valid, and its examples are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.catalogue import Catalogue
from api.cli import main
from api.guard import LARGEST_INTEGER
from api.openapi.examples import body_examples, fill, sample_id
from api.openapi.schemas import walk
from api.routes import all_operations
from core.jurisdictions import Jurisdictions
from core.texts import catalogue
from tests.support.documents import made_documents

COMMITTED = Path(__file__).parents[2] / "openapi"
CITIES = ("ankang", "baoding", "ganzhou", "jincheng")
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def documents() -> dict[str, dict[str, Any]]:
    """Every city's document."""
    return {name.removesuffix(".json"): json.loads(body) for name, body in made_documents().items()}


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation of a document."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


@pytest.mark.parametrize("city", CITIES)
def test_the_committed_document_is_what_the_code_makes(city: str) -> None:
    made = made_documents()[f"{city}.json"]
    assert (COMMITTED / f"{city}.json").read_bytes() == made, "run: wenze openapi export"


@pytest.mark.parametrize("city", CITIES)
def test_the_document_is_valid(documents: dict[str, dict[str, Any]], city: str) -> None:
    assert list(OpenAPIV31SpecValidator(documents[city]).iter_errors()) == []


@pytest.mark.parametrize("city", CITIES)
def test_every_tag_is_told(documents: dict[str, dict[str, Any]], city: str) -> None:
    told = {tag["name"] for tag in documents[city]["tags"]}
    assert told == {tag for _, _, operation in operations(documents[city]) for tag in operation["tags"]}


OPEN = {"/openapi.json", "/files/{token}", "/calendar-feeds/{feed_id}", "/message-reports/{report_secret}"}
"""What needs no token."""


@pytest.mark.parametrize("city", CITIES)
def test_every_operation_can_be_understood_from_the_document_alone(documents: dict[str, dict[str, Any]], city: str) -> None:
    document = documents[city]
    for path, method, operation in operations(document):
        place = f"{method} {path}"
        assert method in METHODS
        assert operation["operationId"], place
        assert operation["summary"], place
        assert "**" in operation["description"], place
        assert "\n\n" in operation["description"], place
        assert operation["security"] or path in OPEN, place
        assert not takes_json(operation) or body_of(operation)["examples"], f"{place} has no example"
        for parameter in operation["parameters"]:
            assert "$ref" in parameter or parameter.get("description"), f"{place}: {parameter}"
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))


def takes_json(operation: dict[str, Any]) -> bool:
    """Whether the body is JSON, and no file."""
    return "application/json" in operation.get("requestBody", {}).get("content", {})


def body_of(operation: dict[str, Any]) -> dict[str, Any]:
    """The JSON content of a body."""
    content: dict[str, Any] = operation["requestBody"]["content"]["application/json"]
    return content


@pytest.mark.parametrize("city", CITIES)
def test_every_example_is_valid_under_its_schema(documents: dict[str, dict[str, Any]], city: str) -> None:
    document = documents[city]
    for path, method, operation in operations(document):
        if takes_json(operation):
            content = body_of(operation)
            schema = content["schema"] | {"components": document["components"]}
            for name, example in content["examples"].items():
                errors = list(Draft202012Validator(schema).iter_errors(example["value"]))
                assert not errors, f"{method} {path} {name}: {errors[0].message}"


@pytest.mark.parametrize("city", CITIES)
def test_every_example_is_taken_by_the_type_that_checks_it(city: str) -> None:
    jurisdiction = Jurisdictions.discover().get(city)
    for bound in Catalogue(all_operations()).all(jurisdiction):
        for example in body_examples(bound).values():
            bound.decoder.decode(msgspec.json.encode(fill(example)))


@pytest.mark.parametrize("city", CITIES)
def test_schemas_say_what_is_enforced(documents: dict[str, dict[str, Any]], city: str) -> None:
    document = documents[city]
    for name, schema in document["components"]["schemas"].items():
        for part in walk(schema):
            if part.get("type") == "integer":
                low = part.get("minimum", part.get("exclusiveMinimum"))
                high = part.get("maximum", part.get("exclusiveMaximum"))
                assert isinstance(low, int), name
                assert isinstance(high, int), name
                assert -LARGEST_INTEGER <= low <= high <= LARGEST_INTEGER, name
    for path, method, operation in operations(document):
        if takes_json(operation):
            for schema in reachable(body_of(operation)["schema"], document):
                if schema.get("type") == "object" and "properties" in schema:
                    assert schema["additionalProperties"] is False, f"{method} {path}: {schema.get('title')}"
                if schema.get("type") == "string":
                    bounded = {"pattern", "format", "enum", "const", "contentEncoding"} & schema.keys()
                    assert bounded, f"{method} {path}: {schema}"


def reachable(schema: dict[str, Any], document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A schema and every one that it refers to."""
    waiting, seen = [schema], set()
    while waiting:
        for part in walk(waiting.pop()):
            yield part
            name = part.get("$ref", "").rpartition("/")[2]
            if name and name not in seen:
                seen.add(name)
                waiting.append(document["components"]["schemas"][name])


@pytest.mark.parametrize("city", CITIES)
def test_a_step_and_a_list_name_the_codes_with_which_they_refuse(documents: dict[str, dict[str, Any]], city: str) -> None:
    steps = [operation for path, _, operation in operations(documents[city]) if "/steps/" in path]
    for operation in steps:
        told = codes(documents[city], operation, "422")
        assert {"deadlines.term-without-reason", "deadlines.term-not-stated", "cases.fact-missing"} <= told
        assert "cases.value-twice" in codes(documents[city], operation, "400")
    listing = documents[city]["paths"]["/cases"]["get"]
    assert {"api.cursor-malformed", "api.parameter-boolean", "api.field-uuid"} <= codes(documents[city], listing, "400")
    assert "api.cursor-malformed" not in codes(documents[city], documents[city]["paths"]["/calendar/days"]["get"], "400")


def codes(document: dict[str, Any], operation: dict[str, Any], status: str) -> set[str]:
    """The codes that a response of an operation shows."""
    response = operation["responses"][status]
    response = document["components"]["responses"].get(response.get("$ref", "").rpartition("/")[2], response)
    return set(response["content"]["application/problem+json"]["examples"])


@pytest.mark.parametrize("city", CITIES)
def test_an_instant_is_said_to_be_one_and_nothing_points_into_the_source(
    documents: dict[str, dict[str, Any]], city: str
) -> None:
    for name, schema in documents[city]["components"]["schemas"].items():
        for field, part in schema.get("properties", {}).items():
            if field in {"at", "now"} or field.endswith("_at"):
                assert "date-time" in {inner.get("format") for inner in walk(part)}, f"{name}.{field}"
        for part in walk(schema):
            assert not {"PITFALLS", "(promise", "CLAUSES"} & set(part.get("description", "").replace(":", " ").split()), name


@pytest.mark.parametrize("city", CITIES)
def test_generators_can_name_and_type_every_schema(documents: dict[str, dict[str, Any]], city: str) -> None:
    document = documents[city]
    schemas, text = document["components"]["schemas"], json.dumps(document)
    assert [name for name in schemas if not name.isalnum()] == [], "a generator makes a module of the dots"
    assert len({name.casefold() for name in schemas}) == len(schemas)
    assert [name for name in schemas if f'"#/components/schemas/{name}"' not in text] == []
    untyped = [name for name, schema in schemas.items() for part in walk(schema) if "enum" in part and "type" not in part]
    assert untyped == []


@pytest.mark.parametrize("city", CITIES)
def test_every_code_of_a_problem_has_its_text(documents: dict[str, dict[str, Any]], city: str) -> None:
    for code, example in documents[city]["components"]["examples"].items():
        assert code in catalogue(), code
        assert example["value"]["code"] == code


@pytest.mark.parametrize("city", CITIES)
def test_what_a_city_does_not_have_is_not_in_its_document(documents: dict[str, dict[str, Any]], city: str) -> None:
    kinds = Jurisdictions.discover().get(city).kinds
    steps = {path.split("/")[4] for path in documents[city]["paths"] if "/steps/" in path}
    assert steps == set(kinds)
    for other in set(CITIES) - {city}:
        assert f'"{other}:' not in json.dumps(documents[city], ensure_ascii=False)


@pytest.mark.parametrize("city", CITIES)
def test_every_operation_names_its_scope_for_machines_and_for_people(
    documents: dict[str, dict[str, Any]], city: str
) -> None:
    """And every scope that is named is one that both flows can give."""
    schemes = documents[city]["components"]["securitySchemes"]
    given = [set(flow["scopes"]) for flow in schemes["oauth2"]["flows"].values()]
    operations = [item for path in documents[city]["paths"].values() for item in path.values()]
    open_ones = {item["operationId"] for item in operations if not item["security"]}
    assert open_ones == {"describe", "downloadAttachment", "readCalendarFeed", "reportMessages"}
    for item in operations:
        if item["operationId"] not in open_ones:
            (first,), (second,) = (alternative.values() for alternative in item["security"])
            assert first == second
            assert len(first) == (0 if item["operationId"] == "readMe" else 1)
            assert all(set(first) <= scopes for scopes in given)


def test_enumerations_say_the_title_and_the_clause_of_each_value(documents: dict[str, dict[str, Any]]) -> None:
    channel = documents["ankang"]["components"]["schemas"]["RegisterComplaint"]["properties"]["channel"]
    assert sorted(item["value"] for item in channel["x-enum"]) == sorted(channel["enum"])
    assert channel["title"] == "渠道"
    for item in channel["x-enum"]:
        assert item["title"]
        assert item["clause"].startswith("ankang:")


async def test_a_tenant_tells_its_own_document_to_anybody(anybody: httpx.AsyncClient) -> None:
    answer = await anybody.get("/t/ankang/v1/openapi.json")
    document = answer.json()
    assert answer.status_code == 200
    assert document["servers"] == [{"url": "https://wenze.example.cn/t/ankang/v1", "description": "本租户。This tenant."}]
    issuer, schemes = "https://wenze.example.cn/t/ankang/oauth", document["components"]["securitySchemes"]
    flows = schemes["oauth2"]["flows"]
    assert flows["clientCredentials"]["tokenUrl"] == f"{issuer}/token"
    assert flows["authorizationCode"]["authorizationUrl"] == f"{issuer}/authorize"
    assert schemes["openIdConnect"]["openIdConnectUrl"] == f"{issuer}/.well-known/openid-configuration"
    assert answer.headers["cache-control"].startswith("public")
    again = await anybody.get("/t/ankang/v1/openapi.json", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


def test_export_writes_and_checks(tmp_path: Path) -> None:
    runner = CliRunner()
    assert runner.invoke(main, ["openapi", "export", "--check", str(tmp_path)]).exit_code == 1
    assert runner.invoke(main, ["openapi", "export", str(tmp_path)]).exit_code == 0
    assert runner.invoke(main, ["openapi", "export", "--check", str(tmp_path)]).exit_code == 0
    (tmp_path / "ankang.json").write_text("{}", encoding="utf-8")
    failed = runner.invoke(main, ["openapi", "export", "--check", str(tmp_path)])
    assert failed.exit_code == 1
    assert "ankang.json is not what the code makes" in failed.output


def test_sample_ids_stay_the_same() -> None:
    assert sample_id("unit_id") == sample_id("unit_id") != sample_id("case_id")
    assert fill({"a": ["{unit_id}"], "b": "x {unit_id}"}) == {"a": [sample_id("unit_id")], "b": "x {unit_id}"}
