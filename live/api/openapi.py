"""
The OpenAPI 3.1 document, from the same endpoints that answer.

Invariant: every endpoint, every body and every code that a client can meet is in it.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from live.api.bodies import Empty, Problem
from live.api.endpoint import JSON, Access, Endpoint, File, Key
from live.api.idempotency import Answer
from live.api.problems import MEDIA_TYPE, STATUS
from live.team.stagedoor import KINDS

_PARAMETER: Final = re.compile(r"{(\w+)(?::\w+)?}")
_REFERENCE: Final = "#/components/schemas/{name}"


def document(endpoints: Iterable[Endpoint], version: str) -> dict[str, Any]:
    """Return the whole document."""
    listed = list(endpoints)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in listed:
        path = _PARAMETER.sub(r"{\1}", endpoint.path)
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "liveshop",
            "version": version,
            "description": "Live shopping: shows, offers, orders. Moments are Unix milliseconds "
            "on the server's clock, amounts are minor units beside their currency.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas(listed),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
    }


def schemas(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """Return every type that the endpoints take or answer, by name."""
    types = {kind for endpoint in endpoints for kind in _types(endpoint)} | {Problem}
    in_order = sorted(types, key=lambda kind: str(kind.__name__))
    _, components = msgspec.json.schema_components(in_order, ref_template=_REFERENCE)
    return dict(sorted(components.items()))


def _types(endpoint: Endpoint) -> list[type[Any]]:
    return [kind for kind in (endpoint.body, endpoint.answer) if kind not in _SHAPELESS]


_SHAPELESS: Final = (Empty, File, Answer)


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": endpoint.summary,
        "operationId": endpoint.handler.__name__.rstrip("_"),
        "tags": [endpoint.handler.__module__.rpartition(".")[2]],
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint)],
        "responses": _responses(endpoint),
    }
    if endpoint.key is not Key.UNUSED:
        operation["parameters"].append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": endpoint.key is Key.REQUIRED,
                "description": "Sent again with the same request, it gets the first answer again",
                "schema": {"type": "string", "minLength": 1, "maxLength": 255},
            }
        )
    if endpoint.body is not Empty:
        schema = {} if endpoint.body is File else _reference(endpoint.body)
        operation["requestBody"] = {
            "required": True,
            "content": {endpoint.media_type: {"schema": schema}},
        }
    if endpoint.access is not Access.ANYONE:
        operation["security"] = [{"bearer": []}]
        operation["description"] = f"For a {endpoint.access.value} or above."
    if endpoint.rule is not None:
        permissions = endpoint.rule.any_of
        operation["x-permissions"] = list(permissions)
        if not endpoint.rule.shared:
            operation["description"] = (
                f"For a host, and members of their team with {' or '.join(permissions)}."
            )
    return operation


def _path_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(endpoint.path)
    ]


def _query_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    _, components = msgspec.json.schema_components([endpoint.query])
    (schema,) = components.values()
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": field}
        for name, field in schema["properties"].items()
    ]


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    answer = _content(JSON, endpoint.answer) if endpoint.answer not in _SHAPELESS else {}
    responses: dict[str, Any] = {
        str(endpoint.status.value): {
            "description": "Done",
            **({"content": answer} if answer else {}),
        }
    }
    by_status: dict[str, list[str]] = {}
    for code in codes(endpoint):
        by_status.setdefault(str(STATUS[code].value), []).append(code)
    for status, words in sorted(by_status.items()):
        responses[status] = {
            "description": "`code` is one of: " + ", ".join(words),
            "content": _content(MEDIA_TYPE, Problem),
        }
    for also in endpoint.also:
        refused = responses.setdefault(str(also.value), {"description": "Refused"})
        refused["content"] = {**answer, **refused.get("content", {})}
    return responses


def _content(media_type: str, kind: type[Any]) -> dict[str, Any]:
    return {media_type: {"schema": _reference(kind)}}


def codes(endpoint: Endpoint) -> list[str]:
    """Return every code with which the endpoint may refuse."""
    found = [*endpoint.errors, "unavailable", "internal"]
    if endpoint.body is not Empty:
        found += ["too_large", "too_slow", "wrong_content_type"]
        found += [] if endpoint.body is File else ["malformed_json", "invalid_value"]
    if endpoint.access is not Access.ANYONE:
        found += ["unauthorised", "bad_token", "expired_token"]
    if endpoint.access in (Access.HOST, Access.ADMIN):
        found.append("forbidden")
    if endpoint.rule is not None and not endpoint.rule.shared:
        found += ["forbidden", "not_permitted", "not_yours", "unknown_account"]
    if endpoint.rule is None:
        # A rehearsal is not there for strangers, whatever the handler itself would say.
        found += [f"unknown_{kind}" for kind in KINDS if f"{{{kind}}}" in endpoint.path]
    if endpoint.key is Key.OPTIONAL:
        found += ["idempotency_key_reused", "idempotency_in_flight"]
    if endpoint.key is Key.REQUIRED:
        found += ["idempotency_key_reused", "idempotency_key_required"]
    return sorted(set(found))


def _reference(kind: type[Any]) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(name=kind.__name__)}
