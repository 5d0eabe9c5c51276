"""Mapping templates: Velocity by airspeed-ext, with the variables that API Gateway supplies.

"Variables for data transformations for API Gateway" and "Override your API's request and response parameters and status
codes" in the API Gateway Developer Guide. airspeed-ext leaves a method that it lacks empty, which would be an answer
that API Gateway does not give: only what is known to work is let through.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus, unquote_plus

import airspeed

METHOD = re.compile(r"\.\s*([A-Za-z]\w*)\s*\(")
DIRECTIVE = re.compile(r"#\{?(@?[a-z]+)")
NEGATION = re.compile(r"[(&|=]\s*(!\s*[$(](?!\{?[\w.]+\.(contains|startsWith|isEmpty)\()|not\s)")
"""Of all but a method that says true or false: Velocity negates what is undefined to true, airspeed-ext to false."""
METHODS = {
    *("params", "escapeJavaScript", "urlEncode", "urlDecode", "base64Encode", "base64Decode"),
    *("length", "startsWith", "contains", "indexOf", "substring", "size", "get", "isEmpty", "add", "put", "keySet"),
}
DIRECTIVES = {"set", "if", "elseif", "else", "end", "foreach"}
ESCAPED = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", **{c: f"\\{c}" for c in "\"'\\/"}}


class TemplateError(Exception):
    """A template that API Gateway could not render either: it answers 500."""


class Overrides(dict[str, Any]):
    """Overridden parameters of one kind, each of which may be set once."""

    def __setitem__(self, name: str, value: Any) -> None:
        if name in self:
            raise ValueError(f"{name} is overridden twice")
        super().__setitem__(name, value)


@dataclass(slots=True)
class Exchange:
    """What the templates of one request see: `context` is `$context`, to which they may add overrides.

    `path`, `querystring` and `header` are the parameters of the request, names as they were sent.
    """

    context: dict[str, Any]
    path: Mapping[str, str] = field(default_factory=dict)
    querystring: Mapping[str, str] = field(default_factory=dict)
    header: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    stage_variables: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.context["requestOverride"] = {kind: Overrides() for kind in ("path", "querystring", "header")}
        self.context["responseOverride"] = Overrides(header=Overrides())


@dataclass(frozen=True, slots=True)
class Input:
    """`$input`. The response template of a mock integration has no request: its `$input` is empty."""

    exchange: Exchange | None

    @property
    def body(self) -> str:
        """The request's body as it came."""
        return self.exchange.body if self.exchange else ""

    def params(self, name: str | None = None) -> Any:
        """The parameter of that name, looked for in path, query and headers; all of them by kind without a name."""
        kinds: dict[str, dict[str, str]] = {"path": {}, "querystring": {}, "header": {}}
        if self.exchange:
            kinds = {kind: dict(getattr(self.exchange, kind)) for kind in kinds}
        if name is None:
            return kinds
        return next((values[name] for values in kinds.values() if name in values), "")


class Util:
    """`$util`, as far as strings go."""

    @staticmethod
    def escapeJavaScript(text: Any) -> str:  # noqa: N802 - its name in templates
        """The text with what JavaScript strings cannot hold escaped, and `/`; `\\'` is no JSON, as on AWS."""
        return "".join(_escaped(character) for character in _text(text))

    @staticmethod
    def urlEncode(text: Any) -> str:  # noqa: N802
        """The text as in a form that is submitted."""
        return quote_plus(_text(text))

    @staticmethod
    def urlDecode(text: Any) -> str:  # noqa: N802
        """The opposite of `urlEncode`."""
        return unquote_plus(_text(text))

    @staticmethod
    def base64Encode(text: Any) -> str:  # noqa: N802
        """The text's UTF-8 in base64."""
        return base64.b64encode(_text(text).encode()).decode()

    @staticmethod
    def base64Decode(text: Any) -> str:  # noqa: N802
        """The opposite of `base64Encode`."""
        return base64.b64decode(_text(text)).decode()


def render_request(template: str, exchange: Exchange) -> str:
    """Render a request template; what it overrides is in the exchange's context afterwards.

    Raises TemplateError where API Gateway answers 500, NotImplementedError for what is not known to work here.
    """
    return _render(template, exchange, Input(exchange))


def render_response(template: str, exchange: Exchange) -> str:
    """Render the response template of a mock integration, which sees the context but no request. Raises as above."""
    return _render(template, exchange, Input(None))


def _render(template: str, exchange: Exchange, request: Input) -> str:
    names = {
        "context": exchange.context,
        "input": request,
        "util": Util(),
        "stageVariables": dict(exchange.stage_variables),
    }
    try:
        return str(_parsed(template).merge(names))
    except airspeed.TemplateError as error:
        raise TemplateError(str(error)) from error


@lru_cache(maxsize=256)
def _parsed(template: str) -> airspeed.Template:
    code = re.sub(r"##[^\n]*", "", template)
    if unknown := [name for name in METHOD.findall(code) if name not in METHODS]:
        raise NotImplementedError(f"the method {unknown[0]} in a mapping template")
    if unknown := [name for name in DIRECTIVE.findall(code) if name not in DIRECTIVES]:
        raise NotImplementedError(f"the directive #{unknown[0]} in a mapping template")
    if NEGATION.search(code):
        raise NotImplementedError("the operator ! in a mapping template")
    return airspeed.Template(template)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _escaped(character: str) -> str:
    if character in ESCAPED:
        return ESCAPED[character]
    if 0x20 <= ord(character) <= 0x7F:
        return character
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[n]:02X}{units[n + 1]:02X}" for n in range(0, len(units), 2))
