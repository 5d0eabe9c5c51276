"""Write the generated parts of the documentation, or with --check say which of them are stale."""

import argparse
import json
import re
import sys
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, cast

import botocore.session
import hcl2
from botocore.model import StringShape

import costs
import permissions
import rule_catalogue
import terraform
from toolchain import BUILD, ROOT, solutions

DEMO = BUILD / "demo"
"""What a run of the demo leaves: without one, what is generated from it stays as it is."""


def main(argv: list[str]) -> int:
    """Generate; returns 1 with --check when something on disk differs, after naming each file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when something is stale")
    check = parser.parse_args(argv).check
    stale = []
    try:
        wanted_files = generated()
    except costs.PriceError as error:
        print(f"docs: {error}", file=sys.stderr)
        return 1
    for path, wanted in wanted_files.items():
        if path.is_file() and same(path.read_text(), wanted):
            continue
        stale.append(path.relative_to(ROOT))
        if not check:
            path.write_text(wanted)
    unformatted = terraform.fmt_check([ROOT / "terraform", ROOT / "modules"])
    for path in stale:
        print(f"{path}: " + ("stale: run `make docs`" if check else "written"))
    for name in unformatted:
        print(f"{name}: run `terraform fmt -recursive`")
    return 1 if unformatted or (check and stale) else 0


def generated() -> dict[Path, str]:
    """Every file that is generated, whole or in part, with the text it should have."""
    files = {ROOT / "policies" / "README.md": rule_catalogue.catalogue()}
    modules = [path for pattern in ("*/main.tf", "*/*/main.tf") for path in (ROOT / "modules").glob(pattern)]
    for module in sorted(path.parent for path in modules):
        files[module / "README.md"] = module_readme(module)
    zones = ROOT / "modules" / "redshift_maintenance_sync" / "time_zones.json"
    files[zones] = json.dumps(time_zones(), indent=2) + "\n"
    files[ROOT / "modules" / "iam_geofence" / "countries.json"] = json.dumps(countries(), indent=2) + "\n"
    return files | from_demo(DEMO, files)


def from_demo(demo: Path, files: Mapping[Path, str]) -> dict[Path, str]:
    """What is generated from what a run of the demo left: its transcript, the cost of what it deployed, permissions.

    A README that others write into as well is taken from `files`.
    """
    readme = ROOT / "README.md"
    text, found = readme.read_text(), {}
    if (transcript := demo / "transcript.txt").is_file():
        text = section(text, "transcript", f"```text\n{transcript.read_text().rstrip()}\n```")
    observed = json.loads(path.read_text())["solutions"] if (path := demo / "summary.json").is_file() else {}
    for root in solutions():
        if (plan := demo / f"{root}.plan.json").is_file():
            lines = costs.estimate(json.loads(plan.read_text()), costs.prices())
            module = ROOT / "modules" / root / "README.md"
            found[module] = section(files[module], "cost", costs.table(lines, costs.prices()))
            text = section(text, f"cost of {root}", f"{costs.total(lines):.2f} US dollars a month", between="")
        if called := observed.get(root, {}).get("calls"):
            policy = permissions.policy(called)
            found[ROOT / "terraform" / root / "permissions.json"] = json.dumps(policy, indent=2) + "\n"
    return {**found, readme: text}


def time_zones() -> list[str]:
    """The names that the payload's own time-zone database knows, sorted."""
    listed = resources.files("tzdata").joinpath("zones").read_text().split()
    return sorted(listed)


def countries() -> list[str]:
    """The codes that AWS WAF takes, sorted, as botocore's model of it has them: ISO 3166-1 alpha-2, and XK."""
    shape = botocore.session.get_session().get_service_model("wafv2").shape_for("CountryCode")
    return sorted(cast(StringShape, shape).enum)


def module_readme(module: Path) -> str:
    """The README of `module` with its generated sections filled from its Terraform files."""
    text = (module / "README.md").read_text()
    example = (module / "examples" / "minimal" / "main.tf").read_text()
    text = section(text, "example", f"```hcl\n{example.rstrip()}\n```")
    text = section(text, "inputs", inputs(module / "variables.tf"))
    return section(text, "outputs", outputs(module / "outputs.tf"))


def section(text: str, name: str, content: str, *, between: str = "\n") -> str:
    """`text` with what stands between the markers of `name` replaced; raises ValueError when they are missing.

    `between` stands around the content: nothing where the markers are within a line.
    """
    begin, end = f"<!-- BEGIN {name} -->", f"<!-- END {name} -->"
    if begin not in text or end not in text:
        raise ValueError(f"No {begin} … {end} in a file that needs them.")
    return text[: text.index(begin) + len(begin)] + f"{between}{content}{between}" + text[text.index(end) :]


def inputs(path: Path) -> str:
    """A table of the variables that `path` declares."""
    rows = ["| input | type | default | what it is |", "|---|---|---|---|"]
    for name, item in blocks(path, "variable"):
        default = f"`{literal(item['default'])}`" if "default" in item else "required"
        kind = re.sub(r"\s+", " ", item["type"].removeprefix("${").removesuffix("}"))
        rows.append(f"| `{name}` | `{kind}` | {default} | {sentence(item)} |")
    return "\n".join(rows)


def outputs(path: Path) -> str:
    """A table of the outputs that `path` declares."""
    rows = ["| output | what it is |", "|---|---|"]
    rows += [f"| `{name}` | {sentence(item)} |" for name, item in blocks(path, "output")]
    return "\n".join(rows)


def blocks(path: Path, kind: str) -> list[tuple[str, dict[str, Any]]]:
    """The blocks of `kind` in a Terraform file, by their label, in the file's order."""
    with path.open() as file:
        parsed = hcl2.load(file)
    return [(label.strip('"'), body) for block in parsed.get(kind, []) for label, body in block.items()]


def literal(value: Any) -> str:
    """A default as HCL writes it on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {literal(item)}" for key, item in value.items()) + " }" if value else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    return str(value)


def sentence(item: dict[str, Any]) -> str:
    """A description on one line, fit for a table cell."""
    text = item["description"].strip('"').removeprefix("<<-EOT").removesuffix("EOT").replace('\\"', '"')
    return re.sub(r"\s+", " ", text).strip().replace("|", "\\|")


def same(found: str, wanted: str) -> bool:
    """Whether two texts say the same, but for what every run of the demo measures anew."""
    return mask(found) == mask(wanted) if "<!-- BEGIN transcript -->" in wanted else found == wanted


def mask(text: str) -> str:
    """`text` with what depends on the machine made equal.

    That is seconds, memory, where the provider and Python come from, how large the zips for that Python are and whether
    they go through S3, addresses that are given out at random; and what became of two days of Kinesis traffic, which
    depends on the second in which a function runs, and on whether the real trace is at hand.
    """
    text = re.sub(r"(?m)^(  \w+)-\w+\.zip .*$", r"\1", text)
    text = re.sub(r"(?m)^  groundcrew-artifacts: .*\n", "", text)
    text = re.sub(r"(?m)^ [\d.]+ (\(a VPN user [^)]*\)) +", r" address \1 ", text)
    text = re.sub(r"(?m)^\d+ days of \S+, the same for every stream.*$", "the same for every stream", text)
    text = re.sub(r"(?m)^ *(not scaled|scaled by \w+) .*$", r"\1", text)
    text = re.sub(r"(?m)^ *stream  +shard-hours.*\n[ ─]*$", "stream", text)
    text = re.sub(r"(?m)^ query  +rows moved.*\n[ ─]*$", "query", text)
    text = re.sub(r"three streams of \d+ shards, and a day of \S+ before", "three streams, and a day before", text)
    text = re.sub(r"(?m)  +\d+\.\d s$", "  0 s", text)
    text = re.sub(r"AT\(TIMESTAMP =>\s+'[^']+'", "AT(TIMESTAMP => 'then'", text)
    text = re.sub(r"\b\d+ s, at most \d+ MB;", "0 s, at most 0 MB;", text)
    text = re.sub(r"the provider comes from .*?  ", "the provider comes from somewhere  ", text)
    return re.sub(r"(?m)^ +(functions run on|no CPython).*\n", "", text)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
