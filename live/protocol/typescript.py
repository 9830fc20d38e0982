"""
TypeScript types from the part of JSON Schema that msgspec writes.

A field with a default is optional and never ``null``: every Struct on the wire leaves defaults
out. A construct that is not known here fails loudly instead of becoming ``unknown``.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

_PRIMITIVES: Final = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}
_IDENTIFIER: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


def declarations(definitions: Mapping[str, Schema]) -> str:
    """Return one exported type for each definition, in the given order."""
    return "\n\n".join(_declaration(name, schema) for name, schema in definitions.items()) + "\n"


def _declaration(name: str, schema: Schema) -> str:
    comment = "\n".join([*_comment(schema, indent=""), ""])
    if schema.get("type") == "object" and "properties" in schema:
        return f"{comment}export interface {name} {_members(schema, indent='')}"
    if "anyOf" in schema:
        members = "".join(f"\n  | {_type(option, indent='  ')}" for option in schema["anyOf"])
        return f"{comment}export type {name} ={members};"
    return f"{comment}export type {name} = {_type(schema, indent='')};"


def _members(schema: Schema, indent: str) -> str:
    required = set(schema.get("required", ()))
    lines: list[str] = []
    for name, field in schema["properties"].items():
        shown = _without_null(field) if name not in required else field
        key = name if _IDENTIFIER.fullmatch(name) else json.dumps(name)
        mark = "" if name in required else "?"
        lines += _comment(shown, indent=f"{indent}  ")
        lines.append(f"{indent}  {key}{mark}: {_type(shown, indent=f'{indent}  ')};")
    return "\n".join(["{", *lines, indent + "}"]) if lines else "Record<string, never>"


def _without_null(field: Schema) -> Schema:
    """Return ``field`` for when it is there at all: a default of ``null`` is never sent."""
    options = field.get("anyOf", ())
    if field.get("default", ...) is not None or {"type": "null"} not in options:
        return field
    (*others,) = (option for option in options if option != {"type": "null"})
    return others[0] if len(others) == 1 else {**field, "anyOf": others}


def _type(schema: Schema, indent: str) -> str:
    match schema:
        case {"$ref": str(reference)}:
            return reference.rpartition("/")[2]
        case {"enum": list(values)}:
            return " | ".join(json.dumps(value, ensure_ascii=False) for value in values)
        case {"anyOf": list(options)}:
            return " | ".join(_unique(_type(option, indent) for option in options))
        case {"type": "array", "items": items}:
            item = _type(items, indent)
            return f"({item})[]" if " | " in item else f"{item}[]"
        case {"type": "object", "properties": _}:
            return _members(schema, indent)
        case {"type": "object", "additionalProperties": dict(values)}:
            return f"Record<string, {_type(values, indent)}>"
        case {"type": str(name)} if name in _PRIMITIVES:
            return _PRIMITIVES[name]
        case _:
            raise ValueError(f"no TypeScript is known for {dict(schema)}")


def _unique(types: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(types))


def _comment(schema: Schema, indent: str) -> list[str]:
    text = str(schema.get("description", "")).replace("``", "`").replace("*/", "* /").strip()
    bounds = ", ".join(
        f"{word} {schema[key]}"
        for key, word in (
            ("minimum", "at least"),
            ("maximum", "at most"),
            ("minLength", "shortest"),
            ("maxLength", "longest"),
        )
        if key in schema
    )
    if bounds:
        text = f"{text} ({bounds})" if text else bounds.capitalize()
    if not text:
        return []
    lines = text.splitlines()
    if len(lines) == 1:
        return [f"{indent}/** {text} */"]
    body = [f"{indent} * {line}".rstrip() for line in lines]
    return [f"{indent}/**", *body, f"{indent} */"]
