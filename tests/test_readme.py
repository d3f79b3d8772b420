"""The code of the README runs."""

import re
from pathlib import Path

import pytest

README = Path(__file__).resolve().parents[1] / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_python_of_the_readme_runs(block: str) -> None:
    exec(compile(block, "README.md", "exec"), {})


def test_commands_of_the_readme_exist() -> None:
    from shequ.app.cli import app

    unnamed = [group.typer_instance for group in app.registered_groups if not isinstance(group.name, str)]
    commands = [command for one in (app, *unnamed) for command in one.registered_commands]  # type: ignore[union-attr]
    known = {command.name or command.callback.__name__ for command in commands}  # type: ignore[union-attr]
    known |= {group.name for group in app.registered_groups if isinstance(group.name, str)}
    used = set(re.findall(r"^shequ (\w+)", README.read_text(encoding="utf-8"), re.MULTILINE))
    assert used
    assert used <= known
