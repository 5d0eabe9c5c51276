"""Resizes Kinesis streams to their traffic: one idempotent reconcile of a stream, whatever woke it."""
