"""Draws the invented estate of ``scenarios/examples/``: 1,200 households of an old estate, with gaps as in life.

``python -m shequ.scenarios.make_example`` writes the same file whenever it runs. Nobody in it exists.
"""

import csv
from pathlib import Path

import numpy as np

FILE = Path(__file__).parent / "examples" / "riverside_estate.csv"
SEED = 20240101
BUILDINGS, STAIRWELLS, FLOORS, FLATS = 20, 5, 6, 2  # 20 x 5 x 6 x 2 = 1,200 homes
COLUMNS: tuple[str, ...] = (
    "household",
    "building",
    "stairwell",
    "floor",
    "members",
    "ages",
    "tenure",
    "migrant",
    "area",
    "party_members",
)
SIZES, SHARES = (1, 2, 3, 4, 5), (0.22, 0.34, 0.27, 0.11, 0.06)
TENANTS, MIGRANTS_AMONG_TENANTS, OLD = 0.28, 0.55, 0.38  # shares; OLD: of households with somebody of 60 or over
NO_AGES, NO_TENURE, NO_AREA, NO_PARTY = 0.06, 0.03, 0.10, 0.15  # shares of households with a gap


def ages(size: int, rng: np.random.Generator) -> list[int]:
    """Ages of a household: elders alone or in pairs, or adults with children and perhaps a grandparent."""
    if rng.random() < OLD:
        first = int(rng.integers(60, 88))
        found = [first, *([max(55, first - int(rng.integers(0, 6)))] if size > 1 else [])]
    else:
        first = int(rng.integers(24, 60))
        found = [first, *([max(20, first + int(rng.integers(-5, 6)))] if size > 1 else [])]
    while len(found) < size:
        found.append(int(rng.integers(0, 18)) if len(found) < 4 else int(rng.integers(60, 90)))
    return found


def rows() -> list[dict[str, str | int]]:
    """The households, in the order of the street."""
    rng = np.random.default_rng(SEED)
    found: list[dict[str, str | int]] = []
    for place in range(BUILDINGS * STAIRWELLS * FLOORS * FLATS):
        stair, flat = divmod(place, FLOORS * FLATS)
        size = int(rng.choice(SIZES, p=SHARES))
        members = ages(size, rng)
        tenant = rng.random() < TENANTS
        party = int(rng.binomial(sum(age >= 18 for age in members), 0.09))
        gaps = rng.random(4)
        area = round(float(rng.normal(68.0, 14.0)))
        found.append(
            {
                "household": f"H{place + 1:04d}",
                "building": 1 + stair // STAIRWELLS,
                "stairwell": 1 + stair % STAIRWELLS,
                "floor": 1 + flat // FLATS,
                "members": size,
                "ages": "" if gaps[0] < NO_AGES else ";".join(map(str, members)),
                "tenure": "" if gaps[1] < NO_TENURE else "tenant" if tenant else "owner",
                "migrant": "yes" if tenant and rng.random() < MIGRANTS_AMONG_TENANTS else "no",
                "area": "" if gaps[2] < NO_AREA else min(140, max(35, area)),
                "party_members": "" if gaps[3] < NO_PARTY else party,
            }
        )
    return found


def write(path: Path = FILE) -> Path:
    """Write the file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter[str](file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows())
    return path


if __name__ == "__main__":
    write()
