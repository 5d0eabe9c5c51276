"""The client's side of the protocol: requests as Athena's Java writes them, answers as strictly as it reads them.

Nothing here is shared with the connectors but the nouns, so that one side's misunderstanding is no agreement of both.
Order of keys, framing and leniency: awslabs/aws-athena-query-federation, package serde.
"""
