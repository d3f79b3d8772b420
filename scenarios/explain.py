"""Turns pydantic's errors into one clear message each: file, line, key, what was found, what is allowed."""

from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, TypeAliasType, Union, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError

from . import words
from .reader import Key, Path_, Problem, Source, allowed, nearest

KINDS = {
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "string_type": "text",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "finite_number": "a finite number",
}
PATTERNS = {
    words.NAME: "lower-case letters, digits and underscores, starting with a letter",
    words.ITEM: "letters, digits, '_', '-' and '.', starting with a letter",
    words.DURATION: "an ISO 8601 duration: P8W (weeks), P6M (months), P1Y (years) or P10D (days)",
    words.SHA256: "64 hexadecimal digits, as `sha256sum` prints them",
    words.EVIDENCE: "the id of an evidence record, such as ten_household-114",
}
BOUNDS = {
    "greater_than_equal": ("ge", "at least"),
    "less_than_equal": ("le", "at most"),
    "greater_than": ("gt", "more than"),
    "less_than": ("lt", "less than"),
}


def problems(source: Source, error: ValidationError, model: type[BaseModel]) -> list[Problem]:
    """Every fault of ``source`` that ``error`` holds; faults of one key that may have several types become one."""
    found: dict[Path_, list[str]] = {}
    texts: dict[Path_, Any] = {}
    for detail in error.errors(include_url=False):
        path, value = _inside(source.data, tuple(detail["loc"]), str(detail["type"]))
        wanted, text = _describe(detail, value, path, model)
        found.setdefault(path, []).append(wanted)
        texts.setdefault(path, (text, value))
    result: list[Problem] = []
    for path, wants in found.items():
        if isinstance(texts[path][1], Mapping) and any(other[: len(path)] == path != other for other in found):
            continue  # it need not have been a mapping, but as one it is wrong further inside
        text, value = texts[path]
        if text is None or len(wants) > 1:
            text = f"found {_shown(value)}; allowed: {' or '.join(dict.fromkeys(w for w in wants if w))}"
        result.append(source.problem(path, text))
    return sorted(result, key=lambda p: p.line or 0)


def _inside(data: Any, loc: Path_, kind: str) -> tuple[Path_, Any]:
    """Keys of the file that ``loc`` names, without the types that pydantic puts between them, and the value there."""
    path: Path_ = ()
    for k, part in enumerate(loc):
        if _holds(data, part):
            data, path = data[part], (*path, part)
        elif kind == "missing" and k == len(loc) - 1:
            return (*path, part), None
    return path, data


def _holds(data: Any, part: Key) -> bool:
    if isinstance(data, list):
        return isinstance(part, int) and part < len(cast("list[Any]", data))
    return isinstance(data, Mapping) and part in data


def _describe(detail: Any, value: Any, path: Path_, model: type[BaseModel]) -> tuple[str, str | None]:
    """Say what is allowed, and give the whole message where it is not just found and allowed."""
    kind: str = detail["type"]
    context: dict[str, Any] = detail.get("ctx") or {}
    if kind == "extra_forbidden":
        keys = _keys(model, path[:-1])
        return "", f"unknown key {path[-1]!r}.{nearest(path[-1], keys)} Allowed here: {allowed(keys, 30)}"
    if kind == "missing":
        return "", f"the key {path[-1]!r} is missing"
    if kind == "literal_error":
        return _literal(context, value)
    if kind in BOUNDS:
        name, words = BOUNDS[kind]
        return f"{words} {context[name]:g}", None
    if kind == "string_pattern_mismatch":
        return PATTERNS.get(str(context["pattern"]), f"text of the form {context['pattern']}"), None
    if kind in {"too_long", "too_short"}:
        bound = context.get("max_length", context.get("min_length"))
        return "", f"found a list of {context['actual_length']}; allowed: {bound} values"
    if kind in KINDS:
        return KINDS[kind], None
    return "", str(detail["msg"])


def _literal(context: Mapping[str, Any], value: Any) -> tuple[str, str | None]:
    options = str(context["expected"]).replace(" or ", ", ").replace("'", "").split(", ")
    return allowed(options, 30) + ("." + nearest(value, options) if nearest(value, options) else ""), None


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return repr(value) if isinstance(value, str) else str(value)


def _keys(model: type[BaseModel], path: Path_) -> list[str]:
    """Keys that the block at ``path`` may have."""
    here: Any = model
    for part in path:
        here = _step(here, part)
    block = _block(here)
    return [] if block is None else [field.alias or name for name, field in block.model_fields.items()]


def _step(annotation: Any, part: str | int) -> Any:
    """Type of the entry ``part`` of something of the type ``annotation``."""
    block = _block(annotation)
    if block is not None:
        for name, field in block.model_fields.items():
            if part in {name, field.alias}:
                return field.annotation
        return None
    for option in _options(annotation):
        origin, arguments = get_origin(option), get_args(option)
        if origin is list and isinstance(part, int):
            return arguments[0]
        if origin is dict and isinstance(part, str):
            return arguments[1]
    return None


def _options(annotation: Any) -> list[Any]:
    """Types that ``annotation`` may stand for, one by one."""
    if isinstance(annotation, TypeAliasType):
        return _options(annotation.__value__)
    if get_origin(annotation) is Annotated:
        return _options(get_args(annotation)[0])
    if get_origin(annotation) in {Union, UnionType}:
        return [option for part in get_args(annotation) for option in _options(part)]
    return [annotation]


def _block(annotation: Any) -> type[BaseModel] | None:
    for option in _options(annotation):
        if isinstance(option, type) and issubclass(option, BaseModel):
            return option
    return None
