"""Every word that plots of comparisons show, in one place; names of plans and observables come from the data."""

from collections.abc import Mapping

ENGLISH: Mapping[str, str] = {
    "ladder_title": "What each plan changes against {baseline}, {date}",
    "ladder_note": "mean paired difference over its standard deviation (d_z) and {level} interval; {n} pairs; "
    "right is better, filled points hold after Holm's adjustment",
    "ladder_axis": "effect, standard deviations of the paired difference (towards better)",
    "paths_title": "Difference from {baseline} through the weeks",
    "paths_note": "mean of {n} pairs and its {level} interval; pp: percentage points",
    "archetypes_title": "Differences from {baseline} by type of community, {date}",
    "archetypes_note": "mean of {n} pairs and its {level} interval, filled where it leaves out zero; "
    "pp: percentage points",
    "equity_title": "Who gains: differences from {baseline} by group of residents, {date}",
    "equity_note": "mean of {n} pairs and its {level} interval, filled where it leaves out zero; pp: percentage points",
    "points": "pp",
    "all": "all residents",
    "elderly": "60 and over",
    "young": "young",
    "migrants": "migrants",
    "new_estate": "new estate",
    "old_neighbourhood": "old neighbourhood",
    "urban_village": "urban village",
    "mixed": "mixed",
    "migrant": "migrant",
    "ageing": "ageing",
    "village_to_city": "village to city",
    "rural": "rural",
    "attribution_title": "{plan}: what carries its effect on {observable}, {date}",
    "attribution_note": "{n} replicates; total effect {total}; bars and lines: {level} intervals",
    "shapley": "Shapley value",
    "leave_one_out": "lost when left out",
}
