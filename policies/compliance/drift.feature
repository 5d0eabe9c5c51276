Feature: Drift
  Two hands on one argument undo each other. The gate lists what a plan changes in place as resources of the kind
  `changed`, with type and argument in `argument`: terraform-compliance itself sees only what is left.

  # severity: high
  # why: A function that resizes streams, or moves maintenance windows, owns what it sets. A configuration that states
  #   the value of another day sets it back with the next apply, whatever that apply was for: at the peak a stream is
  #   halved, or a cluster is patched on the day that was announced to be quiet.
  # fix:
  #   resource "aws_kinesis_stream" "orders" {
  #     lifecycle {
  #       ignore_changes = [shard_count] # of aws_redshift_cluster: preferred_maintenance_window
  #     }
  #   }
  # links: https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#ignore_changes
  @DRIFT_001
  Scenario: No apply sets back what a function keeps in step
    Given I have changed defined
    When it has argument
    Then its value must not match the "^(aws_kinesis_stream\.shard_count|aws_redshift_cluster\.preferred_maintenance_window)$" regex
