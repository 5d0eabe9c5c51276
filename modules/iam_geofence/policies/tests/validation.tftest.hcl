mock_provider "aws" {}

variables {
  addresses = ["203.0.113.9/32"]
}

run "refuses_no_address" {
  command = plan
  variables {
    addresses = []
  }
  expect_failures = [var.addresses]
}

run "refuses_an_address_that_is_a_name" {
  command = plan
  variables {
    addresses = ["vpn.example.com"]
  }
  expect_failures = [var.addresses]
}

run "refuses_half_of_the_internet" {
  command = plan
  variables {
    addresses = ["128.0.0.0/1"]
  }
  expect_failures = [var.addresses]
}

run "refuses_an_ipv6_block" {
  command = plan
  variables {
    addresses = ["2001:db8::/32"]
  }
  expect_failures = [var.addresses]
}

run "refuses_a_private_address" {
  command = plan
  variables {
    addresses = ["172.20.0.5/32"]
  }
  expect_failures = [var.addresses]
}

run "refuses_a_vpc_by_name" {
  command = plan
  variables {
    vpc_ids = ["main"]
    region  = "eu-central-1"
  }
  expect_failures = [var.vpc_ids]
}

run "refuses_a_vpc_without_its_region" {
  command = plan
  variables {
    vpc_ids = ["vpc-0123456789abcdef0"]
  }
  expect_failures = [var.region]
}

run "refuses_a_region_in_words" {
  command = plan
  variables {
    region = "Frankfurt"
  }
  expect_failures = [var.region]
}

run "refuses_an_endpoint_by_name" {
  command = plan
  variables {
    vpc_endpoint_ids = ["s3"]
  }
  expect_failures = [var.vpc_endpoint_ids]
}

run "refuses_an_action_without_a_service" {
  command = plan
  variables {
    in_vpc_actions = ["*"]
  }
  expect_failures = [var.in_vpc_actions]
}

run "refuses_a_break_glass_pattern" {
  command = plan
  variables {
    break_glass_role_arns = ["arn:aws:iam::123456789012:role/break-*"]
  }
  expect_failures = [var.break_glass_role_arns]
}

run "refuses_to_hold_every_role" {
  command = plan
  variables {
    human_principal_arns = ["arn:aws:iam::*:role/*"]
  }
  expect_failures = [var.human_principal_arns]
}

run "refuses_an_unknown_form" {
  command = plan
  variables {
    form = "lenient"
  }
  expect_failures = [var.form]
}

run "refuses_published_with_a_vpc" {
  command = plan
  variables {
    form    = "published"
    vpc_ids = ["vpc-0123456789abcdef0"]
    region  = "eu-central-1"
  }
  expect_failures = [var.vpc_ids]
}

run "refuses_published_with_an_endpoint" {
  command = plan
  variables {
    form             = "published"
    vpc_endpoint_ids = ["vpce-0123456789abcdef0"]
  }
  expect_failures = [var.vpc_endpoint_ids]
}

run "refuses_published_with_break_glass" {
  command = plan
  variables {
    form                  = "published"
    break_glass_role_arns = ["arn:aws:iam::123456789012:role/break-glass"]
  }
  expect_failures = [var.break_glass_role_arns]
}

run "refuses_published_with_people" {
  command = plan
  variables {
    form                 = "published"
    human_principal_arns = ["arn:aws:iam::*:user/*"]
  }
  expect_failures = [var.human_principal_arns]
}

run "refuses_a_fence_without_a_keeper" {
  command = plan
  variables {
    fence = { keeper_role_arns = [], web_acl_arns = ["arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/fence/1"] }
  }
  expect_failures = [var.fence]
}

run "refuses_a_fence_of_nothing" {
  command = plan
  variables {
    fence = { keeper_role_arns = ["arn:aws:iam::123456789012:role/deploy"] }
  }
  expect_failures = [var.fence]
}

run "refuses_a_policy_name_with_a_slash" {
  command = plan
  variables {
    policy_name = "groundcrew/fence"
  }
  expect_failures = [var.policy_name]
}

run "refuses_a_path_without_slashes" {
  command = plan
  variables {
    path = "groundcrew"
  }
  expect_failures = [var.path]
}

run "refuses_a_deny_policy_that_is_too_long" {
  command = plan
  variables {
    addresses             = [for n in range(250) : "203.213.213.${n}/32"]
    break_glass_role_arns = [for n in range(30) : "arn:aws:iam::123456789012:role/break-glass-of-team-number-${n}"]
  }
  expect_failures = [output.deny_policy_json]
}

run "refuses_an_scp_that_is_too_long" {
  command = plan
  variables {
    addresses            = [for n in range(250) : "203.213.113.${n}/32"]
    human_principal_arns = [for n in range(10) : "arn:aws:iam::*:role/people-of-team-number-${n}/*"]
  }
  expect_failures = [output.scp_json]
}

run "refuses_a_protection_that_is_too_long" {
  command = plan
  variables {
    fence = { keeper_role_arns = ["arn:aws:iam::123456789012:role/deploy"], address_arns = [for n in range(80) : "arn:aws:ec2:eu-central-1:123456789012:elastic-ip/eipalloc-${1000000 + n}"] }
  }
  expect_failures = [output.protection_json]
}
