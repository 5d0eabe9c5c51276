"""What the tags of a stream ask for. Pure.

`groundcrew:kinesis-autoscaler` = `on` has the stream scaled; tags that end in `:minimum`, `:maximum`, `:policy` and
`:block-minutes` say how, where the settings' defaults do not suit it.
"""

from collections.abc import Mapping
from typing import cast

from common.errors import ConfigurationError
from common.settings import Accepts, one_of, whole_number
from kinesis_autoscaler.description import block_minutes
from kinesis_autoscaler.model import MOST_SHARDS, Bounds, Direction, Policy, StreamSettings
from kinesis_autoscaler.settings import Discovery, Settings

TAG = "groundcrew:kinesis-autoscaler"
ON, OFF = "on", "off"
KNOWN = {
    TAG: Accepts(f"{ON} or {OFF}", {ON: True}.__getitem__),
    f"{TAG}:minimum": whole_number(1, MOST_SHARDS),
    f"{TAG}:maximum": whole_number(1, MOST_SHARDS),
    f"{TAG}:policy": one_of(Policy),
    f"{TAG}:block-minutes": block_minutes(),
}


def read_tags(stream: str, tags: Mapping[str, str], settings: Settings, discovery: Discovery) -> StreamSettings | None:
    """How the stream is to be scaled, None when it is not: then its tag is missing, or `off`.

    Raises ConfigurationError, which names each tag that is wrong or not known, and minima above maxima.
    """
    if tags.get(TAG, OFF) == OFF:
        return None
    found = _parse(tags)
    defaults = discovery.bounds
    bounds = Bounds(
        cast(int, found.get(f"{TAG}:minimum", defaults.minimum)),
        cast(int, found.get(f"{TAG}:maximum", defaults.maximum)),
    )
    if bounds.minimum > bounds.maximum:
        raise ConfigurationError(
            f"its tags and the defaults make the minimum {bounds.minimum} exceed the maximum {bounds.maximum}: "
            f"correct {TAG}:minimum or {TAG}:maximum"
        )
    policy = cast(Policy, found.get(f"{TAG}:policy", discovery.policy))
    return StreamSettings(
        stream,
        bounds,
        policy,
        settings.alarm(policy, Direction.UP),
        settings.alarm(policy, Direction.DOWN),
        cast(int, found.get(f"{TAG}:block-minutes", discovery.block_minutes)),
    )


def _parse(tags: Mapping[str, str]) -> dict[str, object]:
    """The values of the tags that are ours."""
    found, problems = {}, []
    for name in sorted(tags):
        if name != TAG and not name.startswith(f"{TAG}:"):
            continue
        if name not in KNOWN:
            problems.append(f"its tag {name} is not known")
            continue
        try:
            found[name] = KNOWN[name].parse(tags[name])
        except (KeyError, ValueError):
            problems.append(f"its tag {name} is {tags[name]!r}, {KNOWN[name].description} is accepted")
    if problems:
        raise ConfigurationError("; ".join(problems))
    return found
