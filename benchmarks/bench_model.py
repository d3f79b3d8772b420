"""Speed and size of the model, in one command: ``python -m pytest benchmarks --benchmark-enable -n 0 -p no:randomly``.

Kernels are compiled (or loaded from disk) before anything is timed. The engines' ratio is taken in one run.
"""

import resource
import time

import pytest

from shequ.model import CommunityModel
from shequ.model.district import Archetype, CommunitySpec, DistrictSpec, small_district

PLAN_WEEKS = 261


def community(households: int = 1250) -> DistrictSpec:
    """One old neighbourhood of about 3,000 residents (2.4 persons a household after rounding up singles)."""
    return DistrictSpec((CommunitySpec(0, Archetype.MIXED, households),))


def district() -> DistrictSpec:
    """Twenty communities, about 60,000 residents."""
    kinds = [Archetype.NEW_ESTATE] * 6 + [Archetype.OLD_NEIGHBOURHOOD] * 9 + [Archetype.URBAN_VILLAGE] * 5
    return DistrictSpec(tuple(CommunitySpec(c, kind, 1220, c // 10) for c, kind in enumerate(kinds)))


@pytest.fixture(scope="module", autouse=True)
def warm_kernels() -> None:
    CommunityModel(small_district()).run(until=1)


def plan(spec: DistrictSpec) -> CommunityModel:
    """Return a model that stands at the end of its warm-up."""
    return CommunityModel(spec, seed=1).run(until=-1)


def test_build_3000(benchmark: object) -> None:
    benchmark.pedantic(CommunityModel, args=(community(),), rounds=5)  # type: ignore[attr-defined]


def test_run_3000_for_261_weeks(benchmark: object) -> None:
    benchmark.pedantic(lambda m: m.run(), setup=lambda: ((plan(community()),), {}), rounds=5)  # type: ignore[attr-defined]


def test_run_60000_for_261_weeks(benchmark: object) -> None:
    benchmark.pedantic(lambda m: m.run(), setup=lambda: ((plan(district()),), {}), rounds=1)  # type: ignore[attr-defined]
    print(f"\npeak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def test_ratio_of_engines() -> None:
    """Same bytes, two engines, one run: seconds per resident-week and their ratio."""
    seconds: dict[str, float] = {}
    for engine, weeks in (("compiled", 52), ("agents", 4)):
        model = CommunityModel(community(), seed=1, engine=engine)  # type: ignore[arg-type]
        model.step()  # the agents engine makes its views here
        start = time.perf_counter()
        for _ in range(weeks):
            model.step()
        seconds[engine] = (time.perf_counter() - start) / (weeks * len(model.residents.id))
    for engine, value in seconds.items():
        print(f"\n{engine}: {value * 1e9:,.0f} ns a resident-week", end="")
    print(f"\nagents / compiled: {seconds['agents'] / seconds['compiled']:.0f}")
