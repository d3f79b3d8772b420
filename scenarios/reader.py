"""Reads YAML safely and remembers lines, so that every complaint can name the place.

Only plain data comes in: mappings, lists, text, numbers, booleans, dates. Tags, merge keys, duplicate keys, alias bombs
and files over 2 MB are refused.
"""

from dataclasses import dataclass, field
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

LARGEST_FILE = 2_000_000  # bytes
MOST_VALUES = 100_000  # values after aliases are written out
DEEPEST = 40  # levels of nesting
PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "timestamp"))
MERGE_TAG = "tag:yaml.org,2002:merge"

type Key = str | int
type Node = Any  # of ruamel.yaml, which is untyped: .id is mapping, sequence or scalar
type Path_ = tuple[Key, ...]


@dataclass(frozen=True)
class Problem:
    """One fault of a scenario: where it is, what was found, what is allowed."""

    file: str
    line: int | None
    key: str
    message: str

    def __str__(self) -> str:
        """Give the fault in one line, in the form editors can jump to."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        said = f"{self.key}: {self.message}" if self.key else self.message
        shown = (c if c.isprintable() else ascii(c)[1:-1] for c in said)  # keys may hold line breaks
        return f"{place}: {''.join(shown)}"


class ScenarioError(ValueError):
    """A scenario that cannot be used; ``problems`` lists every fault."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


def nearest(word: object, known: Any) -> str:
    """Sentence that offers the names nearest to ``word``, or an empty text."""
    near = get_close_matches(str(word), [str(k) for k in known], n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(repr(name) for name in near)}?" if near else ""


def allowed(names: Any, most: int = 12) -> str:
    """List what is allowed, shortened after ``most`` names."""
    listed = [str(name) for name in names]
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


def dotted(path: Path_) -> str:
    """Path of a key as people write it: ``interventions[3].when.start``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else str(part))
    return text


@dataclass
class Source:
    """One file that was read: its plain data, the line of every key and value in it, and the folder it lies in."""

    file: str
    data: dict[str, Any]
    lines: dict[Path_, int] = field(default_factory=dict[Path_, int])
    folder: Path = Path()

    def line(self, path: Path_) -> int | None:
        """Line of ``path``, or of the nearest part of it that stands in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def problem(self, path: Path_, message: str) -> Problem:
        """Fault at ``path``."""
        return Problem(self.file, self.line(path), dotted(path), message)


def read(path: Path, shown: str | None = None) -> Source:
    """Read the YAML file at ``path``; raises ScenarioError with the line of the first fault."""
    name = shown or str(path)
    if not path.is_file():
        raise ScenarioError([Problem(name, None, "", "there is no such file")])
    size = path.stat().st_size
    if size > LARGEST_FILE:
        message = f"the file has {size:,} bytes; at most {LARGEST_FILE:,} (2 MB) are read"
        raise ScenarioError([Problem(name, None, "", message)])
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        message = f"the file is not UTF-8 text (byte {error.start}); save it as UTF-8"
        raise ScenarioError([Problem(name, None, "", message)]) from error
    return parse(text, name, path.resolve().parent)


def parse(text: str, name: str = "<text>", folder: Path = Path()) -> Source:
    """Read YAML ``text``; ``name`` stands for the file in messages."""
    yaml: Any = YAML(typ="safe", pure=True)
    try:
        node: Node = yaml.compose(StringIO(text))
    except MarkedYAMLError as error:
        marked: Any = error
        mark = marked.problem_mark or marked.context_mark
        line = None if mark is None else int(mark.line) + 1
        message = f"this is not YAML: {marked.problem or marked.context}"
        raise ScenarioError([Problem(name, line, "", message)]) from error
    except ReaderError as error:
        place: Any = error
        line = text.count("\n", 0, place.position) + 1
        message = f"this is not YAML: the character U+{ord(str(place.character)[:1]):04X} is not allowed"
        raise ScenarioError([Problem(name, line, "", message)]) from error
    except YAMLError as error:
        raise ScenarioError([Problem(name, None, "", f"this is not YAML: {' '.join(str(error).split())}")]) from error
    except RecursionError as error:
        message = f"values are nested too deeply; at most {DEEPEST} levels are read"
        raise ScenarioError([Problem(name, None, "", message)]) from error
    builder = _Builder(yaml.constructor, name)
    if node is None or node.id != "mapping":
        message = "a scenario file is a mapping of keys to values (schema: 1, name: ..., ...)"
        raise ScenarioError([Problem(name, 1, "", message)])
    builder.weigh(node, ())
    data = builder.build(node, ())
    if builder.problems:
        raise ScenarioError(builder.problems)
    return Source(name, data, builder.lines, folder)


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


class _Builder:
    """Turns composed nodes into plain data."""

    def __init__(self, constructor: Any, file: str) -> None:
        self.constructor = constructor
        self.file = file
        self.lines: dict[Path_, int] = {}
        self.problems: list[Problem] = []
        self._sizes: dict[int, int] = {}

    def fail(self, node: Node, path: Path_, message: str) -> None:
        self.problems.append(Problem(self.file, _line(node), dotted(path), message))

    def weigh(self, node: Node, above: tuple[int, ...]) -> int:
        """Count the values under ``node`` once aliases are written out, found without writing them out."""
        if id(node) in above:
            raise ScenarioError([Problem(self.file, _line(node), "", "an alias (*name) contains itself")])
        if len(above) > DEEPEST:
            message = f"values are nested too deeply; at most {DEEPEST} levels are read"
            raise ScenarioError([Problem(self.file, _line(node), "", message)])
        if id(node) not in self._sizes:
            here = (*above, id(node))
            children: list[Node] = []
            if node.id == "mapping":
                children = [part for pair in node.value for part in pair]
            elif node.id == "sequence":
                children = list(node.value)
            self._sizes[id(node)] = 1 + sum(self.weigh(child, here) for child in children)
        if self._sizes[id(node)] > MOST_VALUES:
            message = f"aliases (*name) blow this up to more than {MOST_VALUES:,} values; write out what is meant"
            raise ScenarioError([Problem(self.file, _line(node), "", message)])
        return self._sizes[id(node)]

    def build(self, node: Node, path: Path_) -> Any:
        """Plain data of ``node``."""
        self.lines.setdefault(path, _line(node))
        if node.id == "mapping" and node.tag == "tag:yaml.org,2002:map":
            return self._mapping(node, path)
        if node.id == "sequence" and node.tag == "tag:yaml.org,2002:seq":
            return [self.build(child, (*path, index)) for index, child in enumerate(node.value)]
        if node.id == "scalar" and node.tag in PLAIN_TAGS:
            try:
                return self.constructor.construct_object(node, deep=True)
            except (ValueError, OverflowError, YAMLError) as error:
                self.fail(node, path, f"{node.value!r} cannot be read: {error}")
                return None
        self.fail(node, path, f"the tag {node.tag!r} is not allowed; a scenario holds plain values only")
        return None

    def _mapping(self, node: Node, path: Path_) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if key_node.tag == MERGE_TAG:
                self.fail(key_node, path, "merge keys (<<) are not read; use `extends:` or write the values out")
                continue
            if key_node.id != "scalar":
                self.fail(key_node, path, "a key must be a word")
                continue
            key = str(key_node.value)
            here = (*path, key)
            if key in data:
                message = f"the key {key!r} stands here twice; it was first given on line {self.lines[here]}"
                self.fail(key_node, here, message)
                continue
            self.lines[here] = _line(key_node)
            data[key] = self.build(value_node, here)
        return data
