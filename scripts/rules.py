"""What the rules of the gate say of themselves, read from their files without running them.

The gate compares this list with what the tools loaded, so it must not depend on either tool.
"""

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from toolchain import ROOT

POLICIES = ROOT / "policies"
SEVERITIES = ("critical", "high", "medium", "low")
FIELDS = {"id", "severity", "title", "why", "fix", "links"}


class RuleError(Exception):
    """A rule's file cannot be understood; the message names the file and what is missing."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of ours. `title` states the good outcome; `fix` is HCL, `file` a file name, `line` the scenario's."""

    id: str
    severity: str
    title: str
    why: str
    fix: str
    links: tuple[str, ...]
    file: str
    line: int = 1


@dataclass(frozen=True, slots=True)
class Shelf:
    """What lies in the directory of policies: `count` rules and scenarios; those in `rules` were understood."""

    count: int
    rules: tuple[Rule, ...]
    errors: tuple[str, ...]


def read(policies: Path = POLICIES) -> Shelf:
    """Read every rule; one that cannot be understood is an error of the shelf, and is counted."""
    count, rules, errors = 0, [], []
    for path in sorted((policies / "checkov").iterdir()):
        if path.name.startswith("_"):  # __init__.py, caches, and what rules share
            continue
        count += 1
        try:
            rules.append(_of_checkov(path))
        except RuleError as error:
            errors.append(str(error))
    for path in sorted((policies / "compliance").iterdir()):
        scenarios = re.split(r"(?m)^(?=\s*Scenario(?: Outline)?:)", path.read_text())
        if path.suffix != ".feature" or len(scenarios) == 1:
            errors.append(f"policies/compliance/{path.name}: holds no scenario")
        for index in range(1, len(scenarios)):
            count += 1
            try:
                rules.append(_of_scenario(path, scenarios, index))
            except RuleError as error:
                errors.append(str(error))
    ids = [rule.id for rule in rules]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    errors += [f"{name} is the id of more than one rule" for name in twice]
    return Shelf(count, tuple(rules), tuple(errors))


def _of_checkov(path: Path) -> Rule:
    where = f"policies/checkov/{path.name}"
    try:
        if path.suffix == ".yaml":
            metadata = yaml.safe_load(path.read_text())["metadata"]
            said = {**metadata, "title": metadata["name"]}
        elif path.suffix == ".py":
            said = _literal(ast.parse(path.read_text()), "RULE")
        else:
            raise RuleError(f"{where}: not a rule; rules are .py or .yaml")
    except (SyntaxError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise RuleError(f"{where}: cannot be read: {error!r}") from error
    return _rule(where, said)


def _literal(module: ast.Module, name: str) -> dict[str, Any]:
    for node in module.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(item, ast.Name) and item.id == name for item in node.targets
        ):
            value: dict[str, Any] = ast.literal_eval(node.value)
            return value
    raise KeyError(name)


def _of_scenario(path: Path, parts: list[str], index: int) -> Rule:
    """A scenario says of itself what stands in the comment above its tag: `# key: value`, continued by indentation."""
    line = sum(part.count("\n") for part in parts[:index]) + 1
    where = f"policies/compliance/{path.name}:{line}"
    above = re.search(r"((?:[ \t]*#.*\n)+)[ \t]*@(\w+)\n$", parts[index - 1])
    if not above:
        raise RuleError(f"{where}: a scenario needs a comment (severity, why, fix, links) and a tag with its id")
    text = re.sub(r"(?m)^[ \t]*# ?", "", above[1])
    said: dict[str, Any] = {
        key: _unfold(key, value) for key, value in re.findall(r"(?m)^(\w+):(.*\n(?:[ \t]+.*\n)*)", text)
    }
    title = parts[index].split("\n", 1)[0].partition(":")[2].strip()
    said |= {"id": above[2], "title": title, "links": said.get("links", "").split()}
    return _rule(where, said, line)


def _unfold(key: str, value: str) -> str:
    return re.sub(r"(?m)^  ", "", value).lstrip("\n") if key == "fix" else " ".join(value.split())


def _rule(where: str, said: dict[str, Any], line: int = 1) -> Rule:
    missing = sorted(field for field in FIELDS if not said.get(field))
    if missing:
        raise RuleError(f"{where}: says nothing of {', '.join(missing)}")
    if said["severity"] not in SEVERITIES:
        raise RuleError(f"{where}: severity is {said['severity']!r}, not one of {', '.join(SEVERITIES)}")
    values = {field: said[field] for field in FIELDS - {"links"}}
    return Rule(**values, links=tuple(said["links"]), file=where.rsplit("/")[-1].split(":")[0], line=line)
