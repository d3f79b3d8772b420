"""Both engines give the same bytes, every column of every table, every week."""

from collections.abc import Callable

import numpy as np
import pytest

from shequ.agents import Resident
from shequ.experiments.replicate import smaller
from shequ.model import CommunityModel
from shequ.model.district import small_district
from shequ.scenarios.compile import compile
from shequ.scenarios.loader import load
from shequ.verification.everything import everything_on

type Build = Callable[..., CommunityModel]


def differences(a: CommunityModel, b: CommunityModel) -> list[str]:
    """Names of the columns whose bytes differ."""
    found: list[str] = []
    for name, table in a.tables().items():
        other = getattr(b, name)
        for field in table._fields:
            if getattr(table, field).tobytes() != getattr(other, field).tobytes():
                found.append(f"{name}.{field}")
    return found


def baseline(**kwargs: object) -> CommunityModel:
    return CommunityModel(small_district(45, 3), seed=11, **kwargs)  # type: ignore[arg-type]


def scenario(name: str) -> Build:
    """Return a builder of models of scenario ``name`` on a small district."""

    def build(**kwargs: object) -> CommunityModel:
        inputs = compile(smaller(load(name), 3, 40), 5)
        return CommunityModel(**(inputs.arguments() | {"seed": 5} | kwargs))  # type: ignore[arg-type]

    return build


def busy(**kwargs: object) -> CommunityModel:
    return CommunityModel(**(everything_on(60, 20, 5) | kwargs))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("build", "last"), [(scenario("baseline_2023"), 260), (scenario("ten_household"), 260), (busy, 59)]
)
def test_engines_are_equal_every_week(build: Build, last: int) -> None:
    compiled, agents = build(engine="compiled"), build(engine="agents")
    assert differences(compiled, agents) == []
    while compiled.week < last:
        compiled.step()
        agents.step()
        assert differences(compiled, agents) == [], f"week {compiled.week}"
    assert compiled.recorder.residents.tobytes() == agents.recorder.residents.tobytes()
    assert compiled.recorder.communities.tobytes() == agents.recorder.communities.tobytes()


def test_equality_catches_a_changed_rule() -> None:
    """The comparison must notice one resident who decides otherwise."""

    class Stubborn(Resident):
        def decide_participation(self) -> None:
            super().decide_participation()
            if self.row == 7:
                self.acts = 1

    plain = baseline(engine="compiled")
    changed = baseline(engine="compiled", agent_types={Resident: Stubborn})
    for _ in range(3):
        plain.step()
        changed.step()
    assert "residents.acts" in differences(plain, changed)


def test_a_subclass_that_changes_nothing_changes_nothing() -> None:
    """An overridden decision runs agent by agent inside the compiled engine, with the same bytes."""

    class Same(Resident):
        def decide_participation(self) -> None:
            super().decide_participation()

    plain = baseline(engine="compiled")
    same = baseline(engine="compiled", agent_types={Resident: Same})
    for _ in range(6):
        plain.step()
        same.step()
    assert differences(plain, same) == []


def test_mesa_verbs_work_on_row_views() -> None:
    model = baseline(engine="compiled")
    model.step()
    residents = model.agents_by_type[Resident]
    assert len(residents) == len(model.residents.id)
    mean = residents.select(lambda r: r.age >= 60).agg("trust_committee", np.mean)
    column = model.residents.trust_committee[model.residents.age >= 60].astype(float)
    assert mean == pytest.approx(column.mean(), rel=1e-12)
