"""Where announcements go: an SNS topic, calendars in S3; what was told is remembered in DynamoDB, an item per group."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from common.errors import ConfigurationError
from redshift_maintenance_sync.announcement import Announcement, Told
from redshift_maintenance_sync.gateway.clients import errors_of
from redshift_maintenance_sync.settings import AnnouncementSettings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient

SCOPE = "announcements"
"""The partition of what was told, beside those of the clusters' states."""
MESSAGE_BYTES = 256 * 1024
"""SNS takes no longer message, all of its forms together."""
MACHINES = ("lambda", "sqs", "https")
"""The protocols that get JSON; a telephone gets the subject, all others get text."""


class Announcements:
    """Publishes to the topic and the bucket of `settings`, and remembers in `table`.

    Every method raises TransientError, with AWS's code and message, when AWS cannot be reached or refuses. Put the
    calendar first, then publish, then remember: what is lost on the way is told again, and nothing is never told.
    """

    def __init__(
        self, sns: "SNSClient", s3: "S3Client", dynamodb: "DynamoDBClient", settings: AnnouncementSettings, table: str
    ) -> None:
        self._sns = sns
        self._s3 = s3
        self._dynamodb = dynamodb
        self._settings = settings
        self._table = table

    def told(self) -> dict[str, Told]:
        """What was told, by group; raises ConfigurationError for an item that was written by something else."""
        with errors_of("Query"):
            pages = self._dynamodb.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="#scope = :scope",
                ExpressionAttributeNames={"#scope": "scope"},
                ExpressionAttributeValues={":scope": {"S": SCOPE}},
                ConsistentRead=True,
            )
            items = [item for page in pages for item in page["Items"]]
        return {item["cluster"]["S"]: self._parse(item) for item in items}

    def put_calendar(self, group: str, text: str) -> None:
        """Write the group's calendar as `<prefix><group>.ics`; nothing where the settings name no bucket."""
        if self._settings.bucket is None:
            return
        with errors_of("PutObject"):
            self._s3.put_object(
                Bucket=self._settings.bucket,
                Key=f"{self._settings.prefix}{group}.ics",
                Body=text.encode(),
                ContentType="text/calendar; charset=utf-8",
            )

    def publish(self, announcement: Announcement, calendar: str | None) -> None:
        """Send the announcement with `calendar` (iCalendar text), if there is one: people get text, machines JSON."""
        with errors_of("Publish"):
            self._sns.publish(
                TopicArn=self._settings.topic_arn,
                Subject=announcement.subject,
                Message=_message(announcement, calendar),
                MessageStructure="json",
            )

    def remember_told(self, group: str, told: Told) -> None:
        """Write what was told; raises Unavailable when somebody has done so since the version before it was read."""
        with errors_of("PutItem"):
            self._dynamodb.put_item(
                TableName=self._table,
                Item={"scope": {"S": SCOPE}, "cluster": {"S": group}, **_attributes(told)},
                ConditionExpression="attribute_not_exists(#version) OR #version = :before",
                ExpressionAttributeNames={"#version": "version"},
                ExpressionAttributeValues={":before": {"N": str(told.version - 1)}},
            )

    def _parse(self, item: "dict[str, AttributeValueTypeDef]") -> Told:
        try:
            return _told(item)
        except (KeyError, ValueError) as error:
            raise ConfigurationError(
                f"The item {SCOPE}, {item['cluster']['S']} of {self._table} does not say what was told ({error!r}): "
                "delete it, and the date of the group is announced anew."
            ) from error


def _message(announcement: Announcement, calendar: str | None) -> str:
    """The message in all its forms. Where it would be too long for SNS, the lists of the JSON form are cut.

    What is cut is counted in `left_out`: {"clusters", "exceptions"}, which is absent otherwise.
    """
    document = {**announcement.document, "calendar": calendar}
    message = _forms(announcement, document)
    clusters, exceptions = document["clusters"], document["exceptions"]
    keep = max(len(clusters), len(exceptions))
    while len(message.encode()) > MESSAGE_BYTES and keep > 0:
        keep //= 2
        cut = {"clusters": clusters[:keep], "exceptions": exceptions[:keep]}
        left_out = {name: len(document[name]) - len(kept) for name, kept in cut.items()}
        message = _forms(announcement, {**document, **cut, "left_out": left_out})
    return message


def _forms(announcement: Announcement, document: dict[str, Any]) -> str:
    calendar = document["calendar"]
    text = f"{announcement.text}\n\nFor your calendar:\n\n{calendar}" if calendar else announcement.text
    return json.dumps(
        {"default": text, "email": text, "sms": announcement.subject} | dict.fromkeys(MACHINES, json.dumps(document))
    )


def _attributes(told: Told) -> dict[str, "AttributeValueTypeDef"]:
    """What was told as a DynamoDB item: times in ISO 8601; absent where there is nothing, for a set is never empty.

    It does not expire: a calendar that has the entry takes no lower sequence.
    """
    attributes: dict[str, AttributeValueTypeDef] = {
        "sequence": {"N": str(told.sequence)},
        "version": {"N": str(told.version)},
    }
    if told.date is not None:
        attributes["date"] = {"S": told.date.isoformat()}
    if told.window_minutes is not None:
        attributes["window_minutes"] = {"N": str(told.window_minutes)}
    if told.days:
        attributes["days"] = {"NS": [str(days) for days in sorted(told.days)]}
    if told.replacements:
        attributes["replacements"] = {"SS": sorted(told.replacements)}
    return attributes


def _told(item: "dict[str, AttributeValueTypeDef]") -> Told:
    return Told(
        date=datetime.fromisoformat(item["date"]["S"]) if "date" in item else None,
        window_minutes=int(item["window_minutes"]["N"]) if "window_minutes" in item else None,
        sequence=int(item["sequence"]["N"]),
        days=frozenset(int(days) for days in item["days"]["NS"]) if "days" in item else frozenset(),
        replacements=frozenset(item["replacements"]["SS"]) if "replacements" in item else frozenset(),
        version=int(item["version"]["N"]),
    )
