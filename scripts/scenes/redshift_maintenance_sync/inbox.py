"""Who hears of trouble: a topic that the alarms publish to, and a queue that keeps what they said."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deployment import admit
from localcloud import ACCOUNT_ID, DEFAULT_REGION
from localcloud.client import LocalCloud

NAME = "maintenance-watch"
TOPIC_ARN = f"arn:aws:sns:{DEFAULT_REGION}:{ACCOUNT_ID}:{NAME}"
"""Known before the topic is made: the plan names it, as it would name a topic that exists."""


@dataclass(frozen=True, slots=True)
class Notice:
    """An alarm went from one state to another."""

    alarm: str
    at: datetime
    old: str
    new: str


def open_inbox(cloud: LocalCloud) -> None:
    """Create the topic and the queue behind it."""
    sns, sqs = cloud.client("sns"), cloud.client("sqs")
    topic = sns.create_topic(Name=NAME)["TopicArn"]
    fortnight = str(14 * 24 * 3600)
    queue = sqs.create_queue(QueueName=NAME, Attributes={"MessageRetentionPeriod": fortnight})["QueueUrl"]
    arn = admit(cloud, queue, "sns.amazonaws.com", topic)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)


def collect(cloud: LocalCloud) -> list[Notice]:
    """Take what has arrived out of the queue, which keeps it for two weeks; in the order in which it came about."""
    sqs = cloud.client("sqs")
    queue = sqs.get_queue_url(QueueName=NAME)["QueueUrl"]
    notices = []
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            notices.append(_notice(json.loads(json.loads(message["Body"])["Message"])))
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return sorted(notices, key=lambda notice: notice.at)


def _notice(alarm: dict[str, Any]) -> Notice:
    at = datetime.fromisoformat(alarm["StateChangeTime"])
    return Notice(alarm["AlarmName"], at, alarm["OldStateValue"], alarm["NewStateValue"])


@dataclass(frozen=True, slots=True)
class Alarm:
    """That an alarm went off, and when it was over; None: it is not over yet."""

    name: str
    off: datetime
    over: datetime | None

    def as_facts(self, function: str) -> dict[str, str | None]:
        """The same as JSON can hold it, the name without that of the `function` it begins with."""
        over = self.over.isoformat() if self.over else None
        return {"alarm": self.name.removeprefix(f"{function}-"), "off": self.off.isoformat(), "over": over}


def fired(notices: list[Notice]) -> list[Alarm]:
    """The alarms that went off, in the order in which they did."""
    found: list[Alarm] = []
    for notice in notices:
        if notice.new == "ALARM":
            found.append(Alarm(notice.alarm, notice.at, None))
        elif notice.old == "ALARM":
            index = max(i for i, alarm in enumerate(found) if alarm.name == notice.alarm)
            found[index] = Alarm(notice.alarm, found[index].off, notice.at)
    return found
