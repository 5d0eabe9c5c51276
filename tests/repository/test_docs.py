from pathlib import Path

import pytest

import docs


def test_inputs_and_outputs_become_tables(tmp_path: Path) -> None:
    path = tmp_path / "variables.tf"
    path.write_text(
        'variable "prefix" {\n  description = "A | B, \\"quoted\\"."\n  type = string\n}\n'
        'variable "limits" {\n  description = "Limits."\n  type = object({\n    hours = optional(number, 6)\n  })\n'
        "  default = {}\n}\n"
        'output "arn" {\n  description = "Where it is."\n  value = aws_x.this.arn\n}\n'
    )
    assert docs.inputs(path).splitlines()[2:] == [
        '| `prefix` | `string` | required | A \\| B, "quoted". |',
        "| `limits` | `object({hours = optional(number, 6)})` | `{}` | Limits. |",
    ]
    assert docs.outputs(path).splitlines()[2:] == ["| `arn` | Where it is. |"]


def test_a_section_is_replaced_between_its_markers() -> None:
    text = "before\n<!-- BEGIN x -->\nold\n<!-- END x -->\nafter\n"
    assert docs.section(text, "x", "new") == "before\n<!-- BEGIN x -->\nnew\n<!-- END x -->\nafter\n"
    with pytest.raises(ValueError, match="BEGIN y"):
        docs.section(text, "y", "new")


def test_transcripts_are_the_same_but_for_figures() -> None:
    begin = "<!-- BEGIN transcript -->\n"
    assert docs.same(begin + "apply  31.4 s Sat 2026-12-19 06:00", begin + "apply  9 s Fri 2027-01-01 06:00")
    assert not docs.same(begin + "20 resources applied", begin + "20 resources destroyed")
    assert not docs.same("20 resources", "21 resources")


def test_time_zones_are_those_of_the_payload() -> None:
    zones = docs.time_zones()
    assert zones == sorted(zones)
    assert {"UTC", "Europe/Berlin", "Australia/Lord_Howe"} <= set(zones)
