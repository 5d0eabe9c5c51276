Feature: Blast radius
  What cannot be had back is not destroyed by the way. The gate lists what a plan destroys, or replaces, as resources of
  the kind `destroyed`, with the type in `kind`: terraform-compliance itself leaves them out.

  # severity: critical
  # why: A renamed variable, a changed key or a merged branch can replace a table, and the plan shows it as one line of
  #   many. What was in it is gone when the apply has ended, and a key takes with it all that it ever encrypted.
  # fix:
  #   moved { # where it only has another name; else an entry of policies/exceptions.yaml says that it is meant
  #     from = aws_dynamodb_table.state
  #     to   = aws_dynamodb_table.memory
  #   }
  # links: https://developer.hashicorp.com/terraform/language/modules/develop/refactoring
  @BLAST_001
  Scenario: Nothing that keeps data or keys is destroyed
    Given I have destroyed defined
    When it has kind
    Then its value must not match the "^aws_(db_instance|dynamodb_table|efs_file_system|kinesis_stream|kms_(replica_)?key|rds_cluster|redshift_cluster|s3_bucket|secretsmanager_secret)$" regex

  # severity: critical
  # why: Policies of other accounts trust an address by its number, and people's clients hold the name of an endpoint.
  #   Both are given to somebody else once they are released: whoever relied on them is locked out, or trusts a stranger.
  # fix:
  #   moved { # where it only has another name; else an entry of policies/exceptions.yaml says that it is meant
  #     from = aws_eip.nat
  #     to   = aws_eip.exit
  #   }
  # links: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html
  @BLAST_002
  Scenario: Addresses that others rely on are not given up
    Given I have destroyed defined
    When it has kind
    Then its value must not match the "^aws_(eip|ec2_client_vpn_endpoint)$" regex
