"""Faults inside scenario files: each is refused with one message: file, line, key, the fault, and what is allowed."""

from pathlib import Path

import pytest

from shequ.scenarios import texts

HEAD = "schema: 1\nname: bad\ntitle: {en: bad}\nextends: baseline_2023\n"  # lines 1 to 4
PHASE = "phases: [{name: one, start: 2024-01-01, end: 2024-12-31, reach: 0.5}]\n"

# name of the case: text after the head, line, key, and parts of the message
CASES: dict[str, tuple[str, int, str, list[str]]] = {
    "a free phase that says how far it reaches": (
        "phases: [{name: one, start: 2024-01-01, end: 2024-12-31, reach: 0.5, spread: voluntary}]\n",
        5,
        "phases[0].spread",
        ["'voluntary' leaves it to the communities", "leave out `reach`"],
    ),
    "unknown key": (
        "interventions:\n  - use: head_selection\n    wehn: {start: 2024-01-01}\n",
        7,
        "interventions[0].wehn",
        ["unknown key 'wehn'", "Did you mean 'when'", "Allowed here:", "fidelity"],
    ),
    "unknown key at the top": ("milestone: []\n", 5, "milestone", ["unknown key", "Did you mean 'milestones'"]),
    "unknown lever": (
        "interventions:\n  - id: a\n    levers:\n      head_subsidi: {to: 200}\n",
        8,
        "interventions[0].levers.head_subsidi",
        ["no lever 'head_subsidi'", "Did you mean 'head_subsidy'"],
    ),
    "unknown intervention": (
        "interventions:\n  - use: head_selektion\n",
        6,
        "interventions[0].use",
        ["no intervention 'head_selektion'", "Did you mean 'head_selection'"],
    ),
    "a register's name": ("interventions:\n  - use: head_studio\n", 6, "interventions[0].use", ["'head_support' here"]),
    "date outside the calendar": (
        "interventions:\n  - use: head_selection\n    when: {start: 2031-01-01}\n",
        7,
        "interventions[0].when.start",
        ["found 2031-01-01", "outside the calendar 2024-01-01 to 2028-12-31"],
    ),
    "milestone outside the calendar": (
        "milestones:\n  - {id: m, observable: awareness_rate, by: 2030-01-01, at_least: 0.5}\n",
        6,
        "milestones[0].by",
        ["found 2030-01-01", "outside the calendar"],
    ),
    "not a date": (
        "interventions:\n  - use: head_selection\n    when: {start: 2024-13-01}\n",
        7,
        "interventions[0].when.start",
        ["2024-13-01"],
    ),
    "unknown observable": (
        "milestones:\n  - {id: m, observable: participation_rat, by: 2026-12-31, at_least: 0.5}\n",
        6,
        "milestones[0].observable",
        ["no observable 'participation_rat'", "Did you mean 'participation_rate'"],
    ),
    "promise out of range": (
        "milestones:\n  - {id: m, observable: awareness_rate, by: 2026-12-31, at_least: 50}\n",
        6,
        "milestones[0].at_least",
        ["found 50", "between 0 and 1"],
    ),
    "promise without a bound": (
        "milestones:\n  - {id: m, observable: awareness_rate, by: 2026-12-31}\n",
        6,
        "milestones[0]",
        ["exactly one of `at_least`, `at_most`, `between`", "none of them"],
    ),
    "unmeasurable without a reason": (
        "milestones:\n  - {id: m, by: 2026-12-31, at_least: 1, measurable: false}\n",
        6,
        "milestones[0]",
        ["needs a `reason:`"],
    ),
    "group that is not told apart": (
        "milestones:\n  - {id: m, observable: head_duty_rate, group: elderly, by: 2026-12-31, at_least: 0.5}\n",
        6,
        "milestones[0].group",
        ["found 'elderly'", "allowed: all"],
    ),
    "unknown group": (
        "milestones:\n  - {id: m, observable: awareness_rate, group: elders, by: 2026-12-31, at_least: 0.5}\n",
        6,
        "milestones[0].group",
        ["found 'elders'", "allowed: all, elderly, young, migrants", "Did you mean 'elderly'"],
    ),
    "overlapping phases": (
        PHASE.rstrip("]\n") + ",\n  {name: two, start: 2024-12-01, end: 2025-12-31, reach: 1.0}]\n",
        6,
        "phases[1].start",
        ["found 2024-12-01", "'two' overlaps 'one', which lasts until 2024-12-31"],
    ),
    "reach above one": (
        "phases:\n  - name: one\n    start: 2024-01-01\n    end: 2024-12-31\n    reach: 1.2\n",
        9,
        "phases[0].reach",
        ["found 1.2", "at most 1"],
    ),
    "reach that shrinks": (
        PHASE.rstrip("]\n") + ",\n  {name: two, start: 2025-01-01, end: 2025-12-31, reach: 0.3}]\n",
        6,
        "phases[1].reach",
        ["found 0.3", "'one' reaches 0.5 already"],
    ),
    "unknown phase": (
        PHASE + "interventions: [{use: head_selection, where: {phase: onn}}]\n",
        6,
        "interventions[0].where.phase",
        ["no phase 'onn'", "Did you mean 'one'", "Phases: one"],
    ),
    "unit that does not fit": (
        "interventions:\n  - id: a\n    levers:\n      head_subsidy: {to: 200, unit: h/week}\n",
        8,
        "interventions[0].levers.head_subsidy.unit",
        ["found the unit 'h/week'", "measured in 'CNY/month'"],
    ),
    "value out of bounds": (
        "interventions:\n  - id: a\n    levers:\n      head_subsidy: {to: 24000, unit: CNY/year}\n",
        8,
        "interventions[0].levers.head_subsidy.to",
        ["found 24000 CNY/year", "0 to 1000 CNY/month"],
    ),
    "adding out of bounds": (
        "interventions:\n  - {id: a, levers: {head_powers: {to: 3}}}\n  - {id: b, levers: {head_powers: {by: 1}}}\n",
        7,
        "interventions[1].levers.head_powers.by",
        ["leads to 4 power", "0 to 3"],
    ),
    "half a rule": (
        "interventions: [{id: a, levers: {partition_rule: {to: 1.5}}}]\n",
        5,
        "interventions[0].levers.partition_rule.to",
        ["found 1.5 rule", "a whole number from 0 to 3"],
    ),
    "two ways at once": (
        "interventions: [{id: a, levers: {head_subsidy: {to: 100, by: 50}}}]\n",
        5,
        "interventions[0].levers.head_subsidy",
        ["exactly one of `to`, `by`, `times`", "found to and by"],
    ),
    "text for a number": (
        "interventions: [{id: a, levers: {head_subsidy: {to: lots}}}]\n",
        5,
        "interventions[0].levers.head_subsidy.to",
        ["found 'lots'", "allowed: a number or a mapping"],
    ),
    "lever that stands there already": (
        "interventions:\n  - {id: a, levers: {head_duties: {to: 12}}}\n",
        6,
        "interventions[0].levers.head_duties",
        ["'a' changes nothing", "rests at 12 duty"],
    ),
    "item that touches nobody": (
        "interventions:\n  - use: head_selection\n    where: {archetype: rural}\n",
        7,
        "interventions[0].where",
        ["touches nobody"],
    ),
    "item that comes too late": (
        "interventions:\n  - {id: a, levers: {data_sharing: {to: 1}}, when: {ramp_weeks: 300}}\n"
        "  - {id: b, levers: {menu_ordering: {to: 1}}, after: {item: a}}\n",
        7,
        "interventions[1].when",
        ["'b' would begin on 2029-", "touches nobody"],
    ),
    "unknown community": (
        "interventions:\n  - use: head_selection\n    where: {communities: [0, 77]}\n",
        7,
        "interventions[0].where.communities[1]",
        ["no community 77", "Numbers: 0, 1, 2"],
    ),
    "unknown archetype": (
        "interventions:\n  - use: head_selection\n    where: {archetype: old_neighborhood}\n",
        7,
        "interventions[0].where.archetype",
        ["found 'old_neighborhood'", "Did you mean 'old_neighbourhood'"],
    ),
    "items that wait for each other": (
        "interventions:\n  - {use: head_selection, after: {item: head_files}}\n"
        "  - {id: head_files, levers: {head_support: {to: 1}}, after: {item: head_selection}}\n",
        6,
        "interventions[0].after",
        ["in a circle: head_selection -> head_files -> head_selection"],
    ),
    "waiting for nothing": (
        "interventions:\n  - {use: head_selection, after: {item: menu_service}}\n  - {use: menu_services}\n",
        6,
        "interventions[0].after.item",
        ["found 'menu_service'", "Did you mean 'menu_services'"],
    ),
    "not a duration": (
        "interventions: [{use: head_selection, when: {delay: 8 weeks}}]\n",
        5,
        "interventions[0].when.delay",
        ["found '8 weeks'", "P8W"],
    ),
    "assumed without a reason": (
        "interventions: [{use: head_selection, assumed: true}]\n",
        5,
        "interventions[0]",
        ["`assumed: true` needs a `reason:`"],
    ),
    "same item twice": (
        "interventions:\n  - {use: head_selection}\n  - {use: head_selection}\n",
        7,
        "interventions[1]",
        ["two entries of interventions are called 'head_selection'", "`id:`"],
    ),
    "dropping what is not there": ("drop: [head_selektion]\n", 5, "drop[0]", ["found 'head_selektion'"]),
    "slipping by no duration": (
        "slip: {all: {by: soon, times: 2}}\n",
        5,
        "slip.all.by",
        ["found 'soon'", "an ISO 8601 duration"],
    ),
    "slipping to what is no key": (
        "slip: {all: {bye: P8W}}\n",
        5,
        "slip.all.bye",
        ["unknown key 'bye'. Did you mean 'by'"],
    ),
    "slipping what is not there": (
        "slip: {nobody: P8W}\n",
        5,
        "slip.nobody",
        ["found 'nobody'", "only phases, items and `all`"],
    ),
    "triggers": (
        "triggers: [{when: {observable: head_vacancy_rate, above: 0.2}}]\n",
        5,
        "triggers[0].then",
        ["the key 'then' is missing"],
    ),
    "unknown shock": (
        "shocks: [{kind: flood, share: 0.5, start: 2026-01-01, end: 2026-12-31}]\n",
        5,
        "shocks[0].kind",
        ["found 'flood'", "allowed: budget_cut, late_funds, emergency"],
    ),
    "shock without its severity": (
        "shocks: [{kind: emergency, type: outage, forewarning: 30, start: 2026-01-01}]\n",
        5,
        "shocks[0]",
        ["a shock of kind emergency needs `severity:`"],
    ),
    "shock with another's key": (
        "shocks: [{kind: emergency, type: outage, severity: 1, forewarning: 30, start: 2026-01-01, share: 0.5}]\n",
        5,
        "shocks[0]",
        ["a shock of kind emergency has no `share:`"],
    ),
    "emergency that strikes a phase": (
        "shocks: [{kind: emergency, type: outage, severity: 1, forewarning: 30, start: 2026-01-01, "
        "where: {phase: any}}]\n",
        5,
        "shocks[0].where.phase",
        ["asks for no phase"],
    ),
    "two emergencies at once": (
        "shocks:\n  - {kind: emergency, id: a, type: outage, severity: 1, forewarning: 30, start: 2026-01-01}\n"
        "  - {kind: emergency, id: b, type: rainstorm, severity: 1, forewarning: 30, start: 2026-01-02}\n",
        7,
        "shocks[1].start",
        ["another emergency strikes the same community"],
    ),
    "cut of an empty purse": (
        "shocks: [{kind: budget_cut, share: 0.5, start: 2026-01-01, end: 2026-12-31}]\n",
        5,
        "shocks[0].kind",
        ["no budget that could be hit"],
    ),
    "unknown account": (
        "budget: [{account: ten_houshold_fund, from: district, amount: 1, unit: CNY/year}]\n",
        5,
        "budget[0].account",
        ["no account 'ten_houshold_fund'", "Did you mean 'ten_household_fund'"],
    ),
    "wrong money": (
        "budget: [{account: ten_household_fund, from: district, amount: 1, unit: USD}]\n",
        5,
        "budget[0].unit",
        ["found 'USD'", "allowed: CNY/year"],
    ),
    "missing key": (
        "budget: [{account: ten_household_fund, amount: 1, unit: CNY/year}]\n",
        5,
        "budget[0].from",
        ["missing"],
    ),
    "unknown parameter": (
        "district: {overrides: {elder_skill_meen: 0.3}}\n",
        5,
        "district.overrides.elder_skill_meen",
        ["no parameter 'elder_skill_meen'", "Did you mean 'elder_skill_mean'"],
    ),
    "households the wrong way round": (
        "district:\n  communities:\n    - {archetype: new_estate, count: 2, households: [90, 50]}\n",
        7,
        "district.communities[0].households",
        ["found [90, 50]", "the smaller one"],
    ),
    "too many subdistricts": (
        "district:\n  subdistricts: 21\n",
        6,
        "district.subdistricts",
        ["found 21 subdistricts for 20 communities"],
    ),
    "calendar that starts on a Wednesday": (
        "calendar: {start: 2025-01-01, end: 2026-12-31}\n",
        5,
        "calendar.start",
        ["Monday", "2024-12-30"],
    ),
    "uncertain lever out of range": (
        "uncertain: [{lever: head_subsidy, range: [0, 5000]}]\n",
        5,
        "uncertain[0].range",
        ["found [0, 5000]", "[0, 1000] CNY/month"],
    ),
    "key given twice": ("budget: []\nbudget: []\n", 6, "budget", ["stands here twice", "line 5"]),
    "a tag": ("summary: !!python/object/apply:os.system ['true']\n", 5, "summary", ["is not allowed", "plain values"]),
    "merge key": ("title: &t {en: x}\nsummary: {<<: *t}\n", 6, "summary", ["merge keys (<<) are not read"]),
    "not YAML": ("budget: [1, 2\n", 6, "", ["this is not YAML"]),
    "unknown base in a variant": (
        "variants:\n  v:\n    title: {en: v}\n    interventions: [{use: head_selektion}]\n",
        8,
        "variants.v.interventions[0].use",
        ["Did you mean 'head_selection'"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_files_are_refused_with_file_line_and_key(case: str, tmp_path: Path) -> None:
    text, line, key, parts = CASES[case]
    path = tmp_path / "bad.yaml"
    path.write_text(("schema: 1\nname: bad\nextends: baseline_2023\n" if text.startswith("title") else HEAD) + text)
    if text.startswith("title"):
        line -= 1
    messages = texts.check(path)
    assert len(messages) == 1, messages
    place = f"{path}:{line}: {key}: " if key else f"{path}:{line}: "
    assert messages[0].startswith(place), messages[0]
    for part in parts:
        assert part in messages[0], messages[0]
