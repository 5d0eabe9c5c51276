"""Replays traffic through the policies of the Kinesis autoscaler and of others, minute by minute."""
