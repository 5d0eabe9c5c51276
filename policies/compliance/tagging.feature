Feature: Tagging
  Who owns a resource, and what made it, can be read from the resource.

  # severity: medium
  # why: What does not name its solution is nobody's when its bill or its alarm arrives, and is missed by everything that
  #   selects by tag.
  # fix:
  #   provider "aws" {
  #     default_tags {
  #       tags = { managed-by = "terraform", solution = "redshift_maintenance_sync" }
  #     }
  #   }
  # links: https://docs.aws.amazon.com/whitepapers/latest/tagging-best-practices/tagging-best-practices.html
  @TAGGING_001
  Scenario: Resources name the solution they belong to
    Given I have resource that supports tags_all defined
    Then it must have solution
    And its value must not be null

  # severity: medium
  # why: Who does not see that a resource is managed changes it by hand, and the next apply takes the change back.
  # fix:
  #   provider "aws" {
  #     default_tags {
  #       tags = { managed-by = "terraform", solution = "redshift_maintenance_sync" }
  #     }
  #   }
  # links: https://docs.aws.amazon.com/whitepapers/latest/tagging-best-practices/tagging-best-practices.html
  @TAGGING_002
  Scenario: Resources say what manages them
    Given I have resource that supports tags_all defined
    Then it must have managed-by
    And its value must not be null
