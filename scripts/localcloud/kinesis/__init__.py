"""Kinesis Data Streams: what a stream refuses, how long resharding takes, and the traffic that it is offered."""
