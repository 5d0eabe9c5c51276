from pathlib import Path

import pytest

import docs


def test_inputs_and_outputs_become_tables(tmp_path: Path) -> None:
    path = tmp_path / "variables.tf"
    path.write_text(
        'variable "prefix" {\n  description = "A | B, \\"quoted\\"."\n  type = string\n}\n'
        'variable "limits" {\n  description = "Limits."\n  type = object({\n    hours = optional(number, 6)\n  })\n'
        "  default = {}\n}\n"
        'variable "ways" {\n  description = "Ways."\n  type = set(string)\n  default = ["a:*", "b"]\n}\n'
        'output "arn" {\n  description = "Where it is."\n  value = aws_x.this.arn\n}\n'
    )
    assert docs.inputs(path).splitlines()[2:] == [
        '| `prefix` | `string` | required | A \\| B, "quoted". |',
        "| `limits` | `object({hours = optional(number, 6)})` | `{}` | Limits. |",
        '| `ways` | `set(string)` | `["a:*", "b"]` | Ways. |',
    ]
    assert docs.outputs(path).splitlines()[2:] == ["| `arn` | Where it is. |"]


def test_a_section_is_replaced_between_its_markers() -> None:
    text = "before\n<!-- BEGIN x -->\nold\n<!-- END x -->\nafter\n"
    assert docs.section(text, "x", "new") == "before\n<!-- BEGIN x -->\nnew\n<!-- END x -->\nafter\n"
    line = "| a | <!-- BEGIN x -->old<!-- END x --> |"
    assert docs.section(line, "x", "new", between="") == "| a | <!-- BEGIN x -->new<!-- END x --> |"
    with pytest.raises(ValueError, match="BEGIN y"):
        docs.section(text, "y", "new")


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ("  apply  31.4 s\n", "  apply  9.0 s\n"),
        ("103 s, at most 1222 MB; build/demo", "88 s, at most 9 MB; build/demo"),
        (
            "  init: the provider comes from a mirror  1.0 s\n",
            "  init: the provider comes from Terraform's usual places  42.1 s\n",
        ),
        ("a\n  functions run on CPython 3.13, from the zips that ship\n", "a\n  no CPython 3.13 here: others\n"),
    ],
)
def test_transcripts_are_the_same_but_for_the_machine(found: str, wanted: str) -> None:
    begin = "<!-- BEGIN transcript -->\n"
    assert docs.same(begin + found, begin + wanted)
    assert not docs.same(found, wanted)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ("20 resources applied", "21 resources applied"),
        ("2026-12-19 06:00", "2026-12-26 06:00"),
        ("1.3 MB (4.1 MB unzipped)", "1.4 MB (4.1 MB unzipped)"),
        ("sat:05:00-sat:05:30", "sat:04:00-sat:04:30"),
    ],
)
def test_what_was_observed_is_compared(found: str, wanted: str) -> None:
    begin = "<!-- BEGIN transcript -->\n"
    assert not docs.same(begin + found, begin + wanted)


def test_time_zones_are_those_of_the_payload() -> None:
    zones = docs.time_zones()
    assert zones == sorted(zones)
    assert {"UTC", "Europe/Berlin", "Australia/Lord_Howe"} <= set(zones)


def test_countries_are_those_of_the_standard_and_kosovo() -> None:
    countries = docs.countries()
    assert countries == sorted(set(countries))
    assert len(countries) == 250  # 249 of ISO 3166-1, and XK
    assert {"DE", "XK", "ZW"} <= set(countries)
    assert "XX" not in countries  # WAF's label for an address without a country
