"""The OpenAPI description as people read it: by area, each operation with what goes in and comes out."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# A text as pieces, each with whether it is code; several paragraphs.
Piece = tuple[bool, str]
Said = Sequence[Sequence[Piece]]
JSON = "application/json"
_REFERENCE = "#/components/schemas/"
_PIECE = re.compile(r"(`[^`]+`)")
_EMPHASIS = re.compile(r"\*\*([^*]+)\*\*")
# Tags in addresses.
_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A parameter, or a field of a body; ``kind`` is its type in words, ``parts`` names a form of several fields."""

    name: str
    kind: str
    is_needed: bool
    said: Said
    place: str = ""
    parts: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer that an operation can give."""

    status: str
    said: Said


@dataclass(frozen=True, slots=True)
class OperationEntry:
    """An operation; ``scope`` is what a token needs, ``is_free`` whether it goes without one."""

    key: str
    method: str
    path: str
    summary: str
    said: Said
    scope: str
    is_free: bool
    parameters: Sequence[FieldLine]
    body: str
    example: str
    answer: str
    outcomes: Sequence[Outcome]


@dataclass(frozen=True, slots=True)
class Form:
    """A body, or a part of one, by its name."""

    name: str
    said: Said
    fields: Sequence[FieldLine]


@dataclass(frozen=True, slots=True)
class Area:
    """The operations about one thing, and the forms that they use."""

    key: str
    name: str
    said: Said
    operations: Sequence[OperationEntry]
    forms: Sequence[Form] = ()


def areas_of(description: Mapping[str, Any]) -> list[Area]:
    """Return all areas with their operations, without their forms."""
    found = []
    for tag in description["tags"]:
        name = tag["name"]
        operations = [entry for path, entries in description["paths"].items() for entry in _of(path, entries, name)]
        found.append(Area(slug(name), name, said(tag["description"]), operations))
    return found


def with_forms(area: Area, description: Mapping[str, Any]) -> Area:
    """Return an area with all forms that its operations lead to, in the order in which they are met."""
    schemas = description["components"]["schemas"]
    waiting = [name for entry in area.operations for name in (entry.body, entry.answer) if name]
    met: dict[str, Form] = {}
    while waiting:
        name = waiting.pop(0)
        if name in met or name not in schemas:
            continue
        met[name] = _form(name, schemas)
        waiting += [field.parts for field in met[name].fields if field.parts]
    return Area(area.key, area.name, area.said, area.operations, list(met.values()))


def slug(name: str) -> str:
    """Return a name as addresses have it."""
    return _SLUG.sub("-", name.lower()).strip("-")


def said(text: str) -> Said:
    """Return the paragraphs of a text, with what is code in it apart."""
    paragraphs = [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]
    return [list(_pieces(_EMPHASIS.sub(r"\1", paragraph))) for paragraph in paragraphs if paragraph]


def _pieces(paragraph: str) -> Iterator[Piece]:
    for piece in _PIECE.split(paragraph):
        if piece:
            is_code = piece.startswith("`") and piece.endswith("`") and len(piece) > 2
            yield is_code, piece[1:-1] if is_code else piece


def _of(path: str, entries: Mapping[str, Any], tag: str) -> Iterator[OperationEntry]:
    for method, entry in entries.items():
        if tag in entry.get("tags", ()):
            yield _operation(method, path, entry)


def _operation(method: str, path: str, entry: Mapping[str, Any]) -> OperationEntry:
    body = entry.get("requestBody", {}).get("content", {}).get(JSON, {}).get("schema", {})
    good: Mapping[str, Any] = next((one for status, one in entry["responses"].items() if status.startswith("2")), {})
    answer = good.get("content", {}).get(JSON, {}).get("schema", {})
    text, _break, _needs = entry.get("description", "").rpartition("\n\n")
    return OperationEntry(
        key=entry["operationId"],
        method=method.upper(),
        path=path,
        summary=entry.get("summary", ""),
        said=said(text),
        scope=entry["x-scope"],
        is_free={} in entry["security"],
        parameters=[_parameter(one) for one in entry.get("parameters", ())],
        body=_name(body),
        example=_example(entry),
        answer=_name(answer),
        outcomes=[Outcome(status, said(one["description"])) for status, one in sorted(entry["responses"].items())],
    )


def _parameter(one: Mapping[str, Any]) -> FieldLine:
    text = one.get("description", one.get("schema", {}).get("description", ""))
    return FieldLine(one["name"], kind_of(one.get("schema", {})), one.get("required", False), said(text), one["in"])


def _example(entry: Mapping[str, Any]) -> str:
    content = entry.get("requestBody", {}).get("content", {}).get(JSON, {})
    examples = content.get("examples", {})
    value = content.get("example") or next((one.get("value") for one in examples.values()), None)
    return json.dumps(value, ensure_ascii=False, indent=2) if value is not None else ""


def _form(name: str, schemas: Mapping[str, Any]) -> Form:
    schema = schemas[name]
    needed = set(schema.get("required", ()))
    fields = [
        FieldLine(key, kind_of(one), key in needed, said(one.get("description", "")), parts=_name(one))
        for key, one in schema.get("properties", {}).items()
    ]
    if "enum" in schema:
        fields = [FieldLine(str(value), "", False, ()) for value in schema["enum"]]
    return Form(name, said(schema.get("description", "")), fields)


def kind_of(schema: Mapping[str, Any]) -> str:
    """Return the type that a schema stands for, in words."""
    if "$ref" in schema:
        return _name(schema)
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        kinds = [kind_of(one) for one in choices]
        return " | ".join(dict.fromkeys(kinds))
    if "enum" in schema:
        return " | ".join(f'"{value}"' for value in schema["enum"])
    if schema.get("type") == "array":
        return f"[{kind_of(schema.get('items', {}))}]"
    limits = [f"{word} {schema[key]}" for key, word in _LIMITS.items() if key in schema]
    kind = str(schema.get("format") or schema.get("type") or "any")
    return f"{kind} ({', '.join(limits)})" if limits else kind


_LIMITS = {"maxLength": "at most", "minimum": "from", "maximum": "to", "maxItems": "at most"}


def _name(schema: Mapping[str, Any]) -> str:
    """Return the name of the form that a schema refers to; nothing where it refers to none."""
    reference = schema.get("$ref", "")
    if reference.startswith(_REFERENCE):
        return str(reference.removeprefix(_REFERENCE))
    if schema.get("type") == "array":
        return _name(schema.get("items", {}))
    return next((name for one in schema.get("anyOf", ()) if (name := _name(one))), "")
