"""What is simulated unless told otherwise is what the module deploys unless told otherwise."""

import re

import pytest

from kinesis_autoscaler.model import AlarmSettings
from simulation.autoscaler import ALARMS
from toolchain import ROOT

VARIABLES = (ROOT / "modules" / "kinesis_autoscaler" / "variables.tf").read_text()
NAMES = {
    "scale-up": "scale_up",
    "scale-down": "scale_down",
    "target-up": "target_up",
    "target-down": "target_down",
}


def test_every_alarm_of_the_simulation_is_one_of_the_module() -> None:
    assert ALARMS.keys() == NAMES.keys()


@pytest.mark.parametrize("alarm", NAMES)
def test_the_module_deploys_what_is_simulated(alarm: str) -> None:
    block = VARIABLES.partition(f'variable "{NAMES[alarm]}" {{')[2].partition("\n}\n")[0]
    found = {name: float(value) for name, value in re.findall(r"(\w+)\s+= optional\(number, ([\d.]+)\)", block)}
    assert (
        AlarmSettings(
            found["threshold"],
            int(found["period_seconds"]),
            int(found["evaluation_periods"]),
            int(found["datapoints_to_alarm"]),
        )
        == ALARMS[alarm]
    )
