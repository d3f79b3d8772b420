"""Other libraries drive the model with their own machinery: ema-workbench its samplers, Mesa its data collector."""

from typing import Any

import mesa
import numpy as np
import pytest

from shequ import CommunityModel
from shequ.agents import Resident
from shequ.experiments.studies import discovery
from shequ.experiments.studies.course import Kept
from shequ.experiments.studies.neighbours import ema_model, identifier
from shequ.model.district import small_district
from shequ.model.draws import replicate_seeds


@pytest.mark.filterwarnings("ignore")
def test_ema_workbench_runs_its_own_experiments() -> None:
    """Four points of its Latin hypercube; every outcome is that of the run at the point."""
    ema = discovery.workbench()
    varied = ["fidelity:all", "late:all", "trust_gain"]
    model = ema_model(
        "ten_household", varied, observables=["trust_committee"], until="2024-06-30", communities=2, households=20
    )
    with ema.SequentialEvaluator(model) as evaluator:
        experiments, outcomes = evaluator.perform_experiments(scenarios=4)
    assert set(map(identifier, [*varied, "luck"])) <= set(experiments.columns)
    assert outcomes["trust_committee"].shape == (4, 2)  # two quarters
    played = model.function
    kept = Kept(("trust_committee",), ("all",), played.kept.weeks)
    for k, row in experiments.iterrows():
        seed = played.seeds[int(row["luck"] * len(played.seeds))]
        values = {one: row[identifier(one.name)] for one in played.varied if one.name != "luck"}
        late = next(one for one in values if one.kind == "late")
        values[late] = float(int(values[late] / 52.0 * 53.0))  # whole weeks
        series, _ = played.course.tell(values, seed, kept, None)
        assert outcomes["trust_committee"][k].tolist() == [value for *_, value in series]
    assert played.seeds[:3] == tuple(replicate_seeds(0, 3))


def test_mesa_collects_its_own_data() -> None:
    """Mesa's DataCollector over the weeks: what it collects is what the columns hold."""
    model = CommunityModel(small_district(), engine="agents")
    collector: Any = mesa.DataCollector(
        model_reporters={"trust": lambda m: float(np.mean(m.residents.trust_committee))},
        agenttype_reporters={Resident: {"trust": "trust_committee"}},
    )
    for _ in range(3):
        model.step()
        collector.collect(model)
    table = collector.get_model_vars_dataframe()
    each = collector.get_agenttype_vars_dataframe(Resident)
    assert len(table) == 3
    assert table["trust"].nunique() == 3
    mean = each["trust"].groupby(level=0).mean().to_numpy()
    assert mean[-1] == pytest.approx(table["trust"].iloc[-1], rel=1e-4)
