"""ReadRecords behind its parsed request: from a source's batches to the answer, or to encrypted blocks in S3."""
