"""Mapping templates: the variables that API Gateway supplies, and what is not known to work."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.apigateway.template import Exchange, TemplateError, Util, render_request, render_response


def exchange(**changes: Any) -> Exchange:
    context = {"stage": "live", "identity": {"sourceIp": "192.0.2.1"}}
    parameters: dict[str, Any] = {
        "path": {"both": "path", "id": "7"},
        "querystring": {"both": "query", "q": "x"},
        "header": {"both": "header", "X-Nonce": "n1"},
        "body": "text",
        "stage_variables": {"colour": "blue"},
    }
    return Exchange(context, **parameters | changes)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("$context.stage/$context.identity.sourceIp/$stageVariables.colour", "live/192.0.2.1/blue"),
        ("[$context.webaclArn][$context.no.such][$nothing]", "[][][]"),
        ("$input.params('both') $input.params('q') $input.params('X-Nonce') $input.body", "path x n1 text"),
        ("[$input.params('x-nonce')][$input.params('none')]", "[][]"),
        ("$input.params().header.get('X-Nonce') $input.params().path.id", "n1 7"),
        ("#set($known = ['a', 'b'])#if($known.contains('b'))in#{else}out#end", "in"),
        ("#if($context.webaclArn == 'acl')same#elseif($context.stage == 'live')live#{else}other#end", "live"),
        ('#if($context.stage != "test" && $context.stage.startsWith("li"))yes#end', "yes"),
        ("#set($known = ['a'])#if(!$known.contains('b') && !$context.stage.startsWith('t'))out#end", "out"),
        ("#foreach($name in ['a', 'b'])$name#if($foreach.hasNext), #end#end", "a, b"),
        ("$util.urlEncode('a b/ü')|$util.urlDecode('a+b%2F')", "a+b%2F%C3%BC|a b/"),
        ("$util.base64Encode('ü')|$util.base64Decode('w7w=')", "w7w=|ü"),
        ("## a note with .unknown()\ntext! (mail@example.com)", "text! (mail@example.com)"),
    ],
)
def test_a_request_template(template: str, expected: str) -> None:
    assert render_request(template, exchange()) == expected


def test_what_the_request_template_overrides_the_response_template_sees() -> None:
    made = exchange()
    assert render_request("#set($context.requestOverride.path.nonce = $input.params('X-Nonce'))", made) == ""
    assert render_response("$context.requestOverride.path.nonce", made) == "n1"


def test_the_response_template_of_a_mock_integration_has_no_request() -> None:
    assert render_response("[$input.params('X-Nonce')][$input.body]", exchange()) == "[][]"


def test_a_parameter_is_overridden_once() -> None:
    once = "#set($context.requestOverride.header.a = '1')"
    with pytest.raises(TemplateError, match="a is overridden twice"):
        render_request(once + once, exchange())
    render_request(once + once.replace("header", "path"), exchange())


@pytest.mark.parametrize(
    ("template", "named"),
    [
        ("$context.stage.equals('live')", "equals"),
        ("$input.json('$')", "json"),
        ("#evaluate('1')", "#evaluate"),
        ("#parse('/etc/passwd')", "#parse"),
        ("#if(!$context.stage)a#end", "!"),
        ("#if( ! ($context.stage == 'a'))a#end", "!"),
        ("#if($context.stage && !$context.none)a#end", "!"),
        ("#if(not $context.none)a#end", "!"),
    ],
)
def test_what_is_not_known_to_work_is_refused_by_name(template: str, named: str) -> None:
    with pytest.raises(NotImplementedError, match=named):
        render_request(template, exchange())


def test_a_quiet_reference_is_no_negation() -> None:
    assert render_request("[$!context.webaclArn]#if($!context.stage == 'live')!#end", exchange()) == "[]!"


def test_escaping_as_java_does() -> None:
    assert Util.escapeJavaScript("\"'\\/\n\t\x01é😀") == "\\\"\\'\\\\\\/\\n\\t\\u0001\\u00E9\\uD83D\\uDE00"


@given(st.text().filter(lambda text: "'" not in text))
def test_an_escaped_text_without_an_apostrophe_is_json(text: str) -> None:
    assert json.loads(f'"{Util.escapeJavaScript(text)}"', strict=False) == text
