Feature: Tagging
  Who owns a resource, and what made it, can be read from the resource.

  # severity: medium
  # why: A resource that does not name its solution is nobody's when its cost or its alarm is looked at, and is
  #   missed by everything that selects by tag.
  # fix:
  #   provider "aws" {
  #     default_tags {
  #       tags = { managed-by = "terraform", solution = "redshift_maintenance_sync" }
  #     }
  #   }
  # link: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
  @TAGGING_001
  Scenario: Resources name the solution they belong to
    Given I have resource that supports tags_all defined
    Then it must have solution
    And its value must not be null

  @TAGGING_002
  Scenario: Resources say what manages them
    Given I have resource that supports tags_all defined
    Then it must have managed-by
    And its value must not be null
