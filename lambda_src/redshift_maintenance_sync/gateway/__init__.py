"""AWS by boto3, which no file outside this package imports; model.py's nouns go in and come out."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from redshift_maintenance_sync.gateway.clients import CONFIG, WORKERS, errors_of, member_session, own_session
from redshift_maintenance_sync.gateway.redshift import Redshift
from redshift_maintenance_sync.gateway.states import States
from redshift_maintenance_sync.model import Cluster, Deferment, MaintenanceEvent, MaintenanceWindow, Place, State
from redshift_maintenance_sync.settings import Settings

if TYPE_CHECKING:
    from redshift_maintenance_sync.gateway.announcements import Announcements

__all__ = ["WORKERS", "Gateway", "connect", "fetch_object"]


class Gateway:
    """All places that the function looks after, what it remembers, and where it announces dates (None: nowhere).

    See Redshift, States and Announcements for what is raised.
    """

    def __init__(
        self, places: Mapping[Place, Redshift], states: States, announcements: "Announcements | None" = None
    ) -> None:
        self._redshift = places
        self._states = states
        self.announcements = announcements

    @property
    def places(self) -> tuple[Place, ...]:
        """Where clusters are looked for."""
        return tuple(self._redshift)

    def clusters(self, place: Place) -> list[Cluster]:
        """All provisioned clusters there, in AWS's order."""
        return self._redshift[place].clusters()

    def events(self, place: Place) -> dict[str, list[MaintenanceEvent]]:
        """What Redshift reported there of maintenance in the last 14 days, by identifier."""
        return self._redshift[place].events()

    def states(self, place: Place) -> dict[str, State]:
        """What is remembered of the clusters there, by identifier."""
        return self._states.at(place)

    def set_window(self, cluster: Cluster, window: MaintenanceWindow) -> None:
        """Set the weekly window of `cluster`."""
        self._redshift[cluster.place].set_window(cluster.identifier, window)

    def defer(self, cluster: Cluster, deferment: Deferment) -> None:
        """Set the deferment of `cluster`."""
        self._redshift[cluster.place].defer(cluster.identifier, deferment)

    def remember(self, cluster: Cluster, state: State) -> None:
        """Write what is to be remembered of `cluster`."""
        self._states.remember(cluster, state)


def connect(settings: Settings, own_account: str, session_name: str) -> Gateway:
    """A gateway to the function's own account and to all others of `settings`, in every Region of theirs."""
    own = own_session()
    sessions = {own_account: own}
    sessions |= {
        account: member_session(own, member, session_name) for account, member in sorted(settings.accounts.items())
    }
    places = {
        Place(account, region): session.client("redshift", region_name=region, config=CONFIG)
        for account, session in sessions.items()
        for region in settings.regions
    }
    dynamodb = own.client("dynamodb", config=CONFIG)
    announcements = None
    if settings.announcements is not None:
        from redshift_maintenance_sync.gateway.announcements import Announcements  # only who announces pays for it

        sns, s3 = own.client("sns", config=CONFIG), own.client("s3", config=CONFIG)
        announcements = Announcements(sns, s3, dynamodb, settings.announcements, settings.state_table)
    states = States(dynamodb, settings.state_table)
    return Gateway({place: Redshift(client, place) for place, client in places.items()}, states, announcements)


def fetch_object(bucket: str, key: str) -> bytes:
    """An object of S3, whole; raises TransientError."""
    with errors_of("GetObject"):
        content: bytes = own_session().client("s3", config=CONFIG).get_object(Bucket=bucket, Key=key)["Body"].read()
    return content
