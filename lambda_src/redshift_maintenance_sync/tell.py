"""Announce what a run has found out: to a topic, and to the calendars of those who follow it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from aws_lambda_powertools import Logger

from common.errors import ConfigurationError, TransientError
from redshift_maintenance_sync.announce import announce, calendar
from redshift_maintenance_sync.announcement import Announcement, GroupDate, Replacement, Told
from redshift_maintenance_sync.gateway import Gateway
from redshift_maintenance_sync.model import Unavailable
from redshift_maintenance_sync.settings import Settings

logger = Logger()


def tell(
    settings: Settings,
    aws: Gateway,
    now: datetime,
    deployment: str,
    dates: Sequence[GroupDate],
    replaced: Mapping[str, Sequence[Replacement]],
) -> tuple[list[Announcement], list[str]]:
    """Announce what is new of each group; returns what was published, and a sentence for each group that it failed for.

    The calendar comes first and the memory last: what is lost on the way is told again by the next run.
    """
    published: list[Announcement] = []
    problems: list[str] = []
    chosen = settings.announcements
    if chosen is None or aws.announcements is None or settings.dry_run:
        return published, problems
    try:
        told = aws.announcements.told()
    except (TransientError, ConfigurationError) as error:
        return published, [f"nothing was announced: {error}"]
    for date in dates:
        before = told.get(date.group, Told())
        news, after = announce(now, chosen.days_ahead, deployment, date, replaced.get(date.group, ()), before)
        if after == before:
            continue
        try:
            text = calendar(deployment, date, after, now) if date.date else None
            if text:
                aws.announcements.put_calendar(date.group, text)
            for announcement in news:
                aws.announcements.publish(announcement, text)
                published.append(announcement)
                logger.info("announcement", extra={"group": date.group, "kind": announcement.kind.value})
            aws.announcements.remember_told(date.group, after)
        except (TransientError, Unavailable) as error:
            problems.append(f"the group {date.group} was not told in full: {error}")
    return published, problems
