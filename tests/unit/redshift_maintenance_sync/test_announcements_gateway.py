"""The exact requests of announcements, and what becomes of each kind of answer."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import boto3
import pytest
from botocore.stub import ANY, Stubber

from common.errors import ConfigurationError, TransientError
from redshift_maintenance_sync.announce import announce, calendar
from redshift_maintenance_sync.announcement import Announcement, GroupDate, Kind, Straggler, Told
from redshift_maintenance_sync.gateway.announcements import MESSAGE_BYTES, Announcements
from redshift_maintenance_sync.model import Unavailable
from redshift_maintenance_sync.settings import AnnouncementSettings

TOPIC = "arn:aws:sns:us-east-1:123456789012:sync"
SETTINGS = AnnouncementSettings(TOPIC, (14, 7, 1), "team/", "calendars")
KEY = "REDSHIFT-EVENT-3601 123456789012/us-east-1/sales 2026-11-24T10:00:00+00:00"
TOLD = Told(datetime(2026, 12, 19, 6, tzinfo=UTC), 30, 3, frozenset({14, 7}), frozenset({KEY}), 5)
ITEM = {
    "scope": {"S": "announcements"},
    "cluster": {"S": "prod"},
    "date": {"S": "2026-12-19T06:00:00+00:00"},
    "window_minutes": {"N": "30"},
    "sequence": {"N": "3"},
    "days": {"NS": ["7", "14"]},
    "replacements": {"SS": [KEY]},
    "version": {"N": "5"},
}
DOCUMENT = {"kind": "scheduled", "group": "prod", "clusters": ["a", "b"], "exceptions": []}
ANNOUNCEMENT = Announcement(Kind.SCHEDULED, "prod", "Redshift maintenance of prod", "It is announced.", DOCUMENT)
QUERY = {
    "TableName": "states",
    "KeyConditionExpression": "#scope = :scope",
    "ExpressionAttributeNames": {"#scope": "scope"},
    "ExpressionAttributeValues": {":scope": {"S": "announcements"}},
    "ConsistentRead": True,
}
PUT_ITEM = {
    "TableName": "states",
    "Item": ITEM,
    "ConditionExpression": "attribute_not_exists(#version) OR #version = :before",
    "ExpressionAttributeNames": {"#version": "version"},
    "ExpressionAttributeValues": {":before": {"N": "4"}},
}


@pytest.fixture
def clients() -> dict[str, Any]:
    keys = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return {service: boto3.client(service, **keys) for service in ("sns", "s3", "dynamodb")}


@pytest.fixture
def make_announcements(clients: dict[str, Any]) -> Callable[..., Announcements]:
    def make(settings: AnnouncementSettings = SETTINGS) -> Announcements:
        return Announcements(clients["sns"], clients["s3"], clients["dynamodb"], settings, "states")

    return make


@pytest.fixture
def announcements(make_announcements: Callable[..., Announcements]) -> Announcements:
    return make_announcements()


@pytest.fixture
def stubbed(clients: dict[str, Any]) -> Iterator[dict[str, Stubber]]:
    """A Stubber of each service, which answers in order; fails when an answer is left over."""
    stubbers = {service: Stubber(client) for service, client in clients.items()}
    for stubber in stubbers.values():
        stubber.activate()
    yield stubbers
    for stubber in stubbers.values():
        stubber.assert_no_pending_responses()


def test_reads_what_was_told_from_all_pages(announcements: Announcements, stubbed: dict[str, Stubber]) -> None:
    last = {"scope": ITEM["scope"], "cluster": ITEM["cluster"]}
    stubbed["dynamodb"].add_response("query", {"Items": [ITEM], "LastEvaluatedKey": last}, QUERY)
    bare = {"scope": ITEM["scope"], "cluster": {"S": "new"}, "sequence": {"N": "-1"}, "version": {"N": "1"}}
    stubbed["dynamodb"].add_response("query", {"Items": [bare]}, {**QUERY, "ExclusiveStartKey": last})
    assert announcements.told() == {"prod": TOLD, "new": Told(version=1)}


@pytest.mark.parametrize(
    "broken",
    [
        {"date": {"S": "soon"}},
        {"days": {"S": "7"}},
        {"window_minutes": {"S": "half an hour"}},
        {"sequence": {"N": "many"}},
        {"version": {"S": "1"}},
    ],
)
def test_an_item_that_cannot_be_read_is_named(
    announcements: Announcements, stubbed: dict[str, Stubber], broken: dict[str, Any]
) -> None:
    stubbed["dynamodb"].add_response("query", {"Items": [{**ITEM, **broken}]}, QUERY)
    with pytest.raises(ConfigurationError, match=r"item announcements, prod of states .* delete it"):
        announcements.told()


def test_remembers_what_was_told(announcements: Announcements, stubbed: dict[str, Stubber]) -> None:
    stubbed["dynamodb"].add_response("put_item", {}, PUT_ITEM)
    announcements.remember_told("prod", TOLD)


def test_an_empty_set_is_not_written_for_dynamodb_refuses_it(
    announcements: Announcements, stubbed: dict[str, Stubber]
) -> None:
    item = {
        name: value for name, value in ITEM.items() if name not in ("date", "window_minutes", "days", "replacements")
    }
    stubbed["dynamodb"].add_response("put_item", {}, {**PUT_ITEM, "Item": item})
    announcements.remember_told("prod", Told(sequence=3, version=5))


def test_puts_the_calendar_under_the_prefix(announcements: Announcements, stubbed: dict[str, Stubber]) -> None:
    request = {
        "Bucket": "calendars",
        "Key": "team/prod.ics",
        "Body": b"BEGIN:VCALENDAR",
        "ContentType": "text/calendar; charset=utf-8",
    }
    stubbed["s3"].add_response("put_object", {}, request)
    announcements.put_calendar("prod", "BEGIN:VCALENDAR")


@pytest.mark.usefixtures("stubbed")
def test_without_a_bucket_no_calendar_is_put(make_announcements: Callable[..., Announcements]) -> None:
    make_announcements(replace(SETTINGS, bucket=None)).put_calendar("prod", "BEGIN:VCALENDAR")


def published(
    announcements: Announcements,
    clients: dict[str, Any],
    stubbed: dict[str, Stubber],
    announcement: Announcement,
    text: str = "BEGIN:VCALENDAR",
) -> dict[str, Any]:
    """The request that `announcement` makes."""
    requests: list[dict[str, Any]] = []
    clients["sns"].meta.events.register(
        "provide-client-params.sns.Publish", lambda params, **_: requests.append(params)
    )
    stubbed["sns"].add_response(
        "publish",
        {"MessageId": "1"},
        {"TopicArn": TOPIC, "Subject": announcement.subject, "Message": ANY, "MessageStructure": "json"},
    )
    announcements.publish(announcement, text)
    (request,) = requests
    return request


def test_people_get_text_and_machines_json(
    announcements: Announcements, clients: dict[str, Any], stubbed: dict[str, Stubber]
) -> None:
    forms = json.loads(published(announcements, clients, stubbed, ANNOUNCEMENT)["Message"])
    text = "It is announced.\n\nFor your calendar:\n\nBEGIN:VCALENDAR"
    assert (forms["default"], forms["email"]) == (text, text)
    for machine in ("lambda", "sqs", "https"):
        assert json.loads(forms[machine]) == {**DOCUMENT, "calendar": "BEGIN:VCALENDAR"}
    assert forms.keys() == {"default", "email", "sms", "lambda", "sqs", "https"}
    assert forms["sms"] == "Redshift maintenance of prod", "what fits into one part of 140 bytes"


@pytest.mark.parametrize(("clusters", "exceptions"), [(5000, 0), (0, 5000), (3, 5000), (2000, 2000)])
def test_a_message_that_sns_would_refuse_is_cut_and_says_so(
    announcements: Announcements,
    clients: dict[str, Any],
    stubbed: dict[str, Stubber],
    clusters: int,
    exceptions: int,
) -> None:
    document = {
        "clusters": [f"123456789012/us-east-1/c{number}" for number in range(clusters)],
        "exceptions": [{"cluster": str(number), "reason": "ä" * 50} for number in range(exceptions)],
    }
    request = published(announcements, clients, stubbed, replace(ANNOUNCEMENT, document=document))
    assert len(request["Message"].encode()) <= MESSAGE_BYTES
    received = json.loads(json.loads(request["Message"])["sqs"])
    for name, full in document.items():
        assert received[name] == full[: len(received[name])]
        assert received["left_out"][name] == len(full) - len(received[name])
    assert 0 < sum(received["left_out"].values()) < clusters + exceptions


def test_the_longest_texts_and_their_calendar_fit(
    announcements: Announcements, clients: dict[str, Any], stubbed: dict[str, Stubber]
) -> None:
    keys = [f"123456789012/ap-southeast-1/{number:04}{'x' * 59}" for number in range(1000)]
    stragglers = tuple(Straggler(key, TOLD.date, "ä" * 5000) for key in keys[500:])
    now = datetime(2026, 11, 24, 10, tzinfo=UTC)
    group_date = GroupDate("g" * 32, TOLD.date, 1440, ZoneInfo("Europe/Berlin"), tuple(keys), stragglers)
    ((announcement,), told) = announce(now, (1,), "d" * 64, group_date, (), Told())
    text = calendar("d" * 64, group_date, told, now)
    request = published(announcements, clients, stubbed, announcement, text)
    assert len(request["Message"].encode()) <= MESSAGE_BYTES
    assert json.loads(json.loads(request["Message"])["lambda"])["calendar"] == text


CALLS: dict[str, tuple[str, Callable[[Announcements], object]]] = {
    "query": ("dynamodb", Announcements.told),
    "put_item": ("dynamodb", lambda announcements: announcements.remember_told("prod", TOLD)),
    "put_object": ("s3", lambda announcements: announcements.put_calendar("prod", "text")),
    "publish": ("sns", lambda announcements: announcements.publish(ANNOUNCEMENT, "text")),
}


@pytest.mark.parametrize("action", CALLS)
@pytest.mark.parametrize("code", ["Throttling", "AccessDenied", "KMSDisabledException"])
def test_what_aws_refuses_is_raised_with_its_words(
    announcements: Announcements, stubbed: dict[str, Stubber], action: str, code: str
) -> None:
    service, call = CALLS[action]
    stubbed[service].add_client_error(action, code, "what AWS says")
    with pytest.raises(TransientError, match=f"{action.title().replace('_', '')}: {code}: what AWS says"):
        call(announcements)


def test_what_another_run_has_told_is_not_overwritten(
    announcements: Announcements, stubbed: dict[str, Stubber]
) -> None:
    stubbed["dynamodb"].add_client_error(
        "put_item", "ConditionalCheckFailedException", "The conditional request failed"
    )
    with pytest.raises(Unavailable, match="another run has changed its state meanwhile"):
        announcements.remember_told("prod", TOLD)
