"""A user's own households: read, checked, filled in, and lived in."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from shequ.app.cli import app
from shequ.experiments.replicate import smaller
from shequ.model import CommunityModel
from shequ.model.district import Archetype, CommunitySpec, DistrictSpec, OwnHousehold
from shequ.model.population import PopulationError
from shequ.scenarios import loader, make_example, own_data, texts
from shequ.scenarios.compile import compile
from shequ.scenarios.reader import ScenarioError

EXAMPLE = "examples/riverside_estate"
HEAD = "household,building,stairwell,floor,members,ages,tenure,migrant,area,party_members\n"


def estate(path: Path, text: str) -> own_data.Estate:
    path.write_text(text, encoding="utf-8")
    return own_data.read(path, own_data.digest(path))


def faults(path: Path, text: str) -> list[str]:
    with pytest.raises(ScenarioError) as refused:
        estate(path, text)
    return [str(problem) for problem in refused.value.problems]


def built(own: tuple[OwnHousehold, ...], **settings: object) -> CommunityModel:
    spec = CommunitySpec(7, Archetype.OLD_NEIGHBOURHOOD, len(own), own=own)
    other = CommunitySpec(8, Archetype.MIXED, 30)
    return CommunityModel(DistrictSpec((other, spec)), **{"seed": 4, **settings})  # type: ignore[arg-type]


# --- the list -------------------------------------------------------------------------------------------------------


def test_rows_become_households_in_the_order_of_the_street(tmp_path: Path) -> None:
    text = HEAD + "c,10,1,2,2,30;62,owner,no,71.5,1\nb,2,2,1,1,40,tenant,yes,40,0\na,2,1,3,3,8;35;36,owner,no,90,\n"
    found = estate(tmp_path / "list.csv", text)
    assert found.households == (
        OwnHousehold(3, (36, 35, 8), None, "2", "1", True, False, 90.0),
        OwnHousehold(1, (40,), 0, "2", "2", False, True, 40.0),
        OwnHousehold(2, (62, 30), 1, "10", "1", True, False, 71.5),
    )
    assert [(gap.column, gap.rows) for gap in found.filled] == [("party_members", 1)]


def test_chinese_headers_other_encodings_and_formats_read_the_same(tmp_path: Path) -> None:
    text = "户号,楼栋,人数,年龄,产权,流动人口,姓名,手机\n1,3,2,30；62,自有,否,某某,1380000\n2,3,1,,租住,是,,\n"
    plain = estate(tmp_path / "utf8.csv", text)
    gb = tmp_path / "gb.csv"
    gb.write_bytes(text.encode("gb18030"))
    frame = pd.read_csv(tmp_path / "utf8.csv", dtype=str)
    frame.to_excel(tmp_path / "list.xlsx", index=False)
    frame.to_parquet(tmp_path / "list.parquet")
    for path in (gb, tmp_path / "list.xlsx", tmp_path / "list.parquet"):
        other = own_data.read(path, own_data.digest(path))
        assert (other.households, other.filled, other.notes) == (plain.households, plain.filled, plain.notes)
    assert plain.notes == ("column '姓名' is not read: personal data", "column '手机' is not read: personal data")
    assert plain.households[1] == OwnHousehold(1, (), None, "3", None, False, True, None)


def test_numbers_and_lists_of_parquet_are_read(tmp_path: Path) -> None:
    cells = {"members": [2.0, 3.0], "ages": [[40, 41], [70]], "migrant": [True, False], "tenur": ["x", "y"]}
    frame = pd.DataFrame(cells)
    frame.to_parquet(tmp_path / "list.parquet")
    found = own_data.read(tmp_path / "list.parquet", own_data.digest(tmp_path / "list.parquet"))
    assert [home.ages for home in found.households] == [(41, 40), (70,)]
    assert [home.migrant for home in found.households] == [True, False]
    assert found.notes == ("column 'tenur' is not read. Did you mean 'tenure'?",)


BAD = {
    "members": ("members\n2\nmany\n", "list.csv:3: members: found 'many'; allowed: a whole number from 1 to 12"),
    "nobody": ("members,area\n2,50\n,60\n", "list.csv:3: members: empty"),
    "ages": ("ages\n40;-2\n", "list.csv:2: ages: found '40;-2'; allowed: whole years from 0 to 110"),
    "too many ages": ("members,ages\n1,40;41\n", "list.csv:2: ages: found 2 ages for 1 members"),
    "children alone": ("ages\n9;7\n", "list.csv:2: ages: nobody here is 18 or older"),
    "tenure": ("members,tenure\n1,lease\n", "list.csv:2: tenure: found 'lease'; allowed: owner"),
    "migrant": ("members,migrant\n1,maybe\n", "list.csv:2: migrant: found 'maybe'; allowed: yes"),
    "both": ("members,tenure,migrant\n1,owner,yes\n", "list.csv:2: migrant: this household owns its home"),
    "area": ("members,area\n1,nan\n", "list.csv:2: area: found 'nan'; allowed: square metres from 10 to 500"),
    "party": ("ages,party_members\n40;5,2\n", "list.csv:2: party_members: found 2 for 1 adults"),
    "twice": ("household,members\na,1\na,1\n", "list.csv:3: household: this household stands in row 2 already"),
    "floor": ("building,members,floor\n1,1,900\n", "list.csv:2: floor: found '900'"),
    "no building": ("stairwell,members\n1,1\n", "list.csv:1: stairwell: a stairwell needs the column 'building'"),
    "half an address": ("building,members\n1,1\n,1\n", "list.csv:3: building: empty; give it for every household"),
    "no people": ("area\n50\n", "list.csv:1: there is neither a column 'members' nor 'ages'"),
    "two of one": ("members,人数\n1,1\n", "list.csv:1: 人数: this is the column 'members' a second time"),
    "nothing": ("members\n", "list.csv: the file holds no household"),
    "empty": ("", "list.csv: the file is empty; its first row names the columns"),
    "ages parted by commas": ("members,ages\n1,50\n2,40,41\n", "list.csv:3: found 3 cells for 2 columns; part ages"),
    "commas in the first row": ("members,ages\n2,40,41\n1,50\n", "list.csv:2: found 3 cells for 2 columns"),
    "the same column": ("members,members\n2,3\n", "list.csv:1: members: this is the column 'members' a second time"),
    "ragged": ('members\n"1\n2,3,4\n', "list.csv: this cannot be read as a .csv table"),
}


def test_what_spreadsheets_leave_behind_is_no_fault(tmp_path: Path) -> None:
    """Empty cells at the end of rows, short rows, empty rows, columns without a name."""
    found = estate(tmp_path / "list.csv", "\ufeffmembers,,ages,,\n2,x,40;41,,,\n\n1\n,,,,\n")
    assert [(home.size, home.ages) for home in found.households] == [(2, (41, 40)), (1, ())]
    assert found.notes == ("a column without a name is not read",)


def test_a_building_written_in_two_ways_is_two_buildings(tmp_path: Path) -> None:
    found = estate(tmp_path / "list.csv", "building,members,floor\n2,1,1\n02,1,2\n2,1,3\n10,1,1\n")
    assert [home.building for home in found.households] == ["02", "2", "2", "10"]


def test_missing_numbers_of_parquet_are_empty_cells(tmp_path: Path) -> None:
    cells = {"members": pd.array([2, None], dtype="Int64"), "ages": ["40;41", "3;33"], "area": [50.0, np.nan]}
    pd.DataFrame(cells).to_parquet(tmp_path / "list.parquet")
    found = own_data.read(tmp_path / "list.parquet", own_data.digest(tmp_path / "list.parquet"))
    assert [(home.size, home.area) for home in found.households] == [(2, 50.0), (2, None)]


@pytest.mark.parametrize("case", BAD)
def test_bad_rows_are_told_with_row_and_column(case: str, tmp_path: Path) -> None:
    text, start = BAD[case]
    found = faults(tmp_path / "list.csv", text)
    assert len(found) == 1, found
    assert found[0].startswith(start), found[0]


def test_all_bad_rows_are_told_up_to_fifty(tmp_path: Path) -> None:
    found = faults(tmp_path / "list.csv", "members\n" + "none\n" * 60)
    assert len(found) == 51
    assert found[49].startswith("list.csv:51: members")
    assert found[50] == "list.csv: and 10 more faults"


def test_other_kinds_of_file_are_refused(tmp_path: Path) -> None:
    assert "allowed: .csv, .xlsx, .parquet" in faults(tmp_path / "list.ods", "x")[0]
    assert "cannot be read as a .xlsx table" in faults(tmp_path / "list.xlsx", "x")[0]
    assert "cannot be read as a .parquet table" in faults(tmp_path / "list.parquet", "x")[0]


# --- the population -------------------------------------------------------------------------------------------------


def test_the_built_population_is_the_list() -> None:
    inputs = compile(EXAMPLE)
    spec = inputs.district.communities[-1]
    model = CommunityModel(**inputs.arguments())
    homes, people = model.households, model.residents
    first, stop = int(model.communities.household_start[-1]), int(model.communities.household_stop[-1])
    assert stop - first == 1200
    for own, h in zip(spec.own, range(first, stop), strict=True):
        rows = slice(int(homes.resident_start[h]), int(homes.resident_start[h]) + int(homes.size[h]))
        assert homes.size[h] == own.size
        assert own.ages in {(), tuple(people.age[rows].tolist())}
        assert own.owner in {None, bool(homes.owner[h])}
        assert own.migrant in {None, bool(homes.migrant[h])}
        assert homes.area[h] == np.float32(80.0 if own.area is None else own.area)
        assert own.party_members in {None, int(people.party_member[rows].sum())}
        assert people.age[rows][0] >= 18
        assert (people.migrant[rows] == homes.migrant[h]).all()
    assert len(set(homes.building[first:stop].tolist())) == make_example.BUILDINGS
    stairs = np.unique(homes.stairwell[first:stop], return_counts=True)[1]
    assert (stairs == make_example.FLOORS * make_example.FLATS).all()
    assert not (homes.owner & homes.migrant).any()


def test_what_the_list_leaves_open_is_as_drawn_by_the_seed() -> None:
    """With nothing but sizes known, everything else is that of the synthetic community, other communities included."""
    specs = CommunitySpec(8, Archetype.MIXED, 30), CommunitySpec(7, Archetype.OLD_NEIGHBOURHOOD, 50)
    plain = CommunityModel(DistrictSpec(specs), seed=4)
    sizes = plain.households.size[30:].tolist()
    own = built(tuple(OwnHousehold(size) for size in sizes))
    for name, table in plain.tables().items():
        for one, two in zip(table, own.tables()[name], strict=True):
            assert one.tobytes() == two.tobytes(), name
    older = built(tuple(OwnHousehold(size, (77,) * size) for size in sizes))
    mine = (older.residents.community == 1) & (older.residents.present == 1)
    assert (older.residents.age[mine] == 77).all()
    assert built(own_ten(), seed=5).residents.age.tobytes() != built(own_ten(), seed=6).residents.age.tobytes()


def test_party_members_are_grown_up_and_as_many_as_the_list_says() -> None:
    """Known children stand before people whose age is drawn, who may be children unless they must be grown up."""
    model = built((OwnHousehold(4, (40, 8), 3), OwnHousehold(3, (7,), 2), OwnHousehold(5, (), 4)) * 20)
    first = int(model.communities.household_start[1])
    for own, h in zip(model.district.communities[1].own, range(first, first + 60), strict=True):
        start, size = int(model.households.resident_start[h]), int(model.households.size[h])
        party = model.residents.party_member[start : start + size].astype(bool)
        assert party.sum() == own.party_members
        assert (model.residents.age[start : start + size][party] >= 18).all()


def own_ten() -> tuple[OwnHousehold, ...]:
    known = OwnHousehold(3, (70, 45, 9), 1, "A", "1", True, None, 88.0)
    return tuple(known if h % 2 else OwnHousehold(2, (7,), None, "A" if h < 20 else "B", "1") for h in range(40))


def test_engines_agree_on_own_households_through_moves_and_births() -> None:
    models = [built(own_ten(), engine=engine).run(until=6) for engine in ("compiled", "agents")]
    for name, table in models[0].tables().items():
        for one, two in zip(table, models[1].tables()[name], strict=True):
            assert one.tobytes() == two.tobytes(), name


def test_people_move_and_die_on_an_own_estate() -> None:
    model = CommunityModel(**compile(smaller(loader.load(EXAMPLE), 3, 300)).arguments())
    first = int(model.communities.household_start[-1])
    start = model.households.size[first:].sum()
    data = model.run(until=52).recorder.dataset().isel(community=-1).sum("week")
    moved = {name: float(data[name]) for name in ("persons_left", "persons_arrived", "deaths", "births")}
    assert all(count > 0 for count in moved.values()), moved
    came = moved["persons_arrived"] + moved["births"] - moved["persons_left"] - moved["deaths"]
    assert model.households.size[first:].sum() == start + came


def test_a_wrong_number_of_households_is_refused() -> None:
    spec = CommunitySpec(7, Archetype.MIXED, 3, own=(OwnHousehold(1),))
    with pytest.raises(PopulationError, match="has 3 households, but 1 are given"):
        CommunityModel(DistrictSpec((spec,)))


# --- scenario files -------------------------------------------------------------------------------------------------


def test_the_example_is_reproducible(tmp_path: Path) -> None:
    assert make_example.write(tmp_path / "again.csv").read_bytes() == make_example.FILE.read_bytes()
    shown = texts.show(EXAMPLE)
    assert "riverside_estate.csv: 1,200 households" in shown
    assert "filled from the archetype's share of owners" in shown


def test_a_new_scenario_from_a_list_is_right_until_the_list_changes(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    listed, file = tmp_path / "data" / "my list.csv", tmp_path / "my_estate.yaml"
    listed.write_text("members,tenure,姓名\n2,owner,某某\n3,,某某\n", encoding="utf-8")
    arguments = ["scenario", "new", "my_estate", str(file), "--from", str(listed)]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    for part in ("2 households, 5 residents", "tenure: 1 households without it", "'姓名' is not read: personal data"):
        assert part in done.output
    assert "file: 'data/my list.csv'" in file.read_text(encoding="utf-8")
    assert CliRunner().invoke(app, ["scenario", "check", str(file)]).exit_code == 0
    assert [len(c.own) for c in compile(file).district.communities] == [0] * 20 + [2]
    listed.write_text("members\n2\n", encoding="utf-8")
    changed = CliRunner().invoke(app, ["scenario", "check", str(file)])
    assert changed.exit_code == 2
    assert "my_estate.yaml:18: district.communities[3].own.sha256: data/my list.csv has changed" in changed.output
    assert own_data.digest(listed) in changed.output
    listed.unlink()
    assert "there is no file 'data/my list.csv'" in texts.check(file)[0]
    assert CliRunner().invoke(app, [*arguments[:3], str(tmp_path / "x.yaml"), "--from", "none.csv"]).exit_code == 2
    assert "archetype" in CliRunner().invoke(app, [*arguments, "--archetype", "castle"]).output


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"count": 2}, "one entry a file"),
        ({"households": [1300, 1300]}, "has 1200 households"),
        ({"households": [100, 200]}, "write that twice"),
    ],
)
def test_entries_that_do_not_fit_the_list_are_refused(change: dict[str, object], part: str) -> None:
    scenario = loader.load(EXAMPLE)
    last = scenario.communities[-1].model_copy(update=change)
    with pytest.raises(ScenarioError, match=part):
        compile(replace(scenario, communities=(*scenario.communities[:-1], last)))


def test_a_smaller_district_keeps_one_estate_and_the_first_of_its_street() -> None:
    scenario = loader.load(EXAMPLE)
    whole, part = compile(scenario).district, compile(smaller(scenario, 5, 200)).district
    assert part.communities[-1].own == whole.communities[-1].own[:200]
    assert [bool(c.own) for c in part.communities] == [False] * 4 + [True]
    assert len(compile(smaller(scenario, None, 5000)).district.communities[-1].own) == 1200


def test_libraries_of_other_formats_are_asked_for(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['openpyxl'] = None\n"
        "from pathlib import Path\nfrom shequ.scenarios import own_data\n"
        f"path = Path({str(tmp_path / 'x.xlsx')!r}); path.write_bytes(b'PK')\n"
        "try: own_data.read(path, '')\nexcept ValueError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'shequ[xlsx]'" in done.stdout
