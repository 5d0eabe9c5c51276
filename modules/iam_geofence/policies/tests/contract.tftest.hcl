mock_provider "aws" {
  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::123456789012:policy/inside-the-fence" }
  }
}

variables {
  addresses = ["203.0.113.9/32", "198.51.100.0/24"]
}

run "defaults" {
  assert {
    condition = jsondecode(output.deny_policy_json) == {
      Version = "2012-10-17"
      Statement = [{
        Sid       = "DenyOutsideTheFence"
        Effect    = "Deny"
        NotAction = ["dax:*", "elasticfilesystem:Client*", "es:ES*", "kafka-cluster:*", "neptune-db:*", "rds-db:connect"]
        Resource  = "*"
        Condition = {
          BoolIfExists         = { "aws:ViaAWSService" = "false" }
          NotIpAddressIfExists = { "aws:SourceIp" = ["198.51.100.0/24", "203.0.113.9"] }
        }
      }]
    }
    error_message = "Everything is denied that comes from elsewhere, also where a call does not say from where; nobody is named, for attaching the policy names them."
  }
  assert {
    condition     = output.deny_policy_bytes == length(output.deny_policy_json)
    error_message = "The size is that of the text."
  }
  assert {
    condition     = alltrue([for value in [output.scp_json, output.scp_bytes, output.protection_json, output.protection_bytes, output.deny_policy_arn, output.attachment_count] : value == null])
    error_message = "No SCP without people to hold, no protection without a fence, no managed policy without a name."
  }
  assert {
    condition     = jsondecode(output.trust_condition_json) == { IpAddress = { "aws:SourceIp" = ["198.51.100.0/24", "203.0.113.9"] } }
    error_message = "Sessions begin inside the fence only."
  }
}

run "own_network" {
  variables {
    vpc_ids               = ["vpc-0123456789abcdef0"]
    vpc_endpoint_ids      = ["vpce-0123456789abcdef0"]
    region                = "eu-central-1"
    break_glass_role_arns = ["arn:aws:iam::123456789012:role/break-glass"]
    human_principal_arns  = ["arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*", "arn:aws:iam::*:user/*"]
    in_vpc_actions        = []
  }

  assert {
    condition = jsondecode(output.deny_policy_json).Statement[0].Condition.StringNotEqualsIfExists == {
      "aws:SourceVpc" = ["vpc-0123456789abcdef0"], "aws:SourceVpce" = ["vpce-0123456789abcdef0"]
    }
    error_message = "Calls through the network's own endpoints are inside."
  }
  assert {
    condition = jsondecode(output.deny_policy_json).Statement[1].Condition == {
      BoolIfExists       = { "aws:ViaAWSService" = "false" }
      StringEquals       = { "aws:SourceVpc" = ["vpc-0123456789abcdef0"] }
      StringNotEquals    = { "aws:RequestedRegion" = "eu-central-1" }
      ArnNotLikeIfExists = { "aws:PrincipalArn" = ["arn:aws:iam::123456789012:role/break-glass"] }
    }
    error_message = "A VPC of the same id in another Region is outside."
  }
  assert {
    condition     = jsondecode(output.deny_policy_json).Statement[0].Action == ["*"]
    error_message = "Data planes inside a VPC are denied where the caller wants it so."
  }
  assert {
    condition = alltrue([
      for index, statement in jsondecode(output.scp_json).Statement :
      statement == merge(jsondecode(output.deny_policy_json).Statement[index], {
        Condition = merge(jsondecode(output.deny_policy_json).Statement[index].Condition, {
          ArnLike = { "aws:PrincipalArn" = ["arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*", "arn:aws:iam::*:user/*"] }
        })
      })
    ])
    error_message = "The SCP is the same, for people alone."
  }
  assert {
    condition     = output.scp_bytes == length(output.scp_json) && output.scp_bytes <= 5120
    error_message = "The SCP fits, and its size is that of the text."
  }
}

run "a_hundred_addresses" {
  variables {
    # The longest that an address can be.
    addresses             = [for n in range(100) : "203.213.113.${100 + n}/32"]
    vpc_ids               = ["vpc-0123456789abcdef0"]
    region                = "eu-central-1"
    break_glass_role_arns = ["arn:aws:iam::123456789012:role/break-glass"]
    human_principal_arns  = ["arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com/*"]
  }

  assert {
    condition     = output.deny_policy_bytes < 3000
    error_message = "The deny policy takes ${output.deny_policy_bytes} bytes; fewer than 3,000 are promised."
  }
  assert {
    condition     = output.scp_bytes <= 5120 && !strcontains(output.scp_json, "/32")
    error_message = "The SCP takes ${output.scp_bytes} of 5,120 bytes, and none for masks that say nothing."
  }
}

run "published" {
  variables {
    form = "published"
  }

  assert {
    condition = jsondecode(output.deny_policy_json).Statement == [{
      Sid       = "DenyIfNotNatIp"
      Effect    = "Deny"
      Action    = "*"
      Resource  = "*"
      Condition = { Bool = { "aws:ViaAWSService" = "false" }, NotIpAddress = { "aws:SourceIp" = ["198.51.100.0/24", "203.0.113.9"] } }
    }]
    error_message = "The published form is rendered as it was published."
  }
  assert {
    condition     = jsondecode(output.scp_json).Statement[0].Condition.ArnNotLikeIfExists == { "aws:PrincipalArn" = "arn:aws:iam::*:role/service-role/*" }
    error_message = "Its SCP holds everybody but roles below /service-role/."
  }
}

run "managed_policy" {
  variables {
    policy_name = "inside-the-fence"
    path        = "/groundcrew/"
  }

  assert {
    condition     = aws_iam_policy.this["this"].policy == output.deny_policy_json && aws_iam_policy.this["this"].path == "/groundcrew/"
    error_message = "The managed policy holds the deny statement."
  }
  assert {
    condition     = output.deny_policy_arn == "arn:aws:iam::123456789012:policy/inside-the-fence"
    error_message = "The output names it."
  }
}

run "protection" {
  variables {
    fence = {
      keeper_role_arns  = ["arn:aws:iam::123456789012:role/deploy"]
      web_acl_arns      = ["arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/fence/1"]
      stage_arns        = ["arn:aws:apigateway:eu-central-1::/restapis/abc/stages/live"]
      api_arns          = ["arn:aws:apigateway:eu-central-1::/restapis/abc"]
      function_arns     = ["arn:aws:lambda:eu-central-1:123456789012:function:AWSClientVPN-fence"]
      vpn_endpoint_arns = ["arn:aws:ec2:eu-central-1:123456789012:client-vpn-endpoint/cvpn-endpoint-0123456789abcdef0"]
      address_arns      = ["arn:aws:ec2:eu-central-1:123456789012:elastic-ip/eipalloc-0123456789abcdef0"]
      policy_arns       = ["arn:aws:iam::123456789012:policy/inside-the-fence"]
    }
  }

  assert {
    condition = [for statement in jsondecode(output.protection_json).Statement : statement.Sid] == [
      "KeepTheWebAcl", "KeepTheCheck", "KeepTheHandler", "KeepTheVpn", "KeepTheAddresses", "KeepThePolicy", "KeepItAttached"
    ]
    error_message = "Every part of the fence is kept."
  }
  assert {
    condition = alltrue([
      for statement in jsondecode(output.protection_json).Statement :
      statement.Effect == "Deny" && statement.Condition.ArnNotLikeIfExists == { "aws:PrincipalArn" = ["arn:aws:iam::123456789012:role/deploy"] }
    ])
    error_message = "From everybody but the role that applies it."
  }
  assert {
    condition     = contains(jsondecode(output.protection_json).Statement[0].Resource, "arn:aws:apigateway:eu-central-1::/restapis/abc/stages/live")
    error_message = "Detaching a web ACL is an action on the stage."
  }
  assert {
    condition     = jsondecode(output.protection_json).Statement[6].Condition.ArnEquals == { "iam:PolicyARN" = ["arn:aws:iam::123456789012:policy/inside-the-fence"] }
    error_message = "Detaching the policy is an action on whom it holds."
  }
  assert {
    condition     = output.protection_bytes == length(output.protection_json) && output.protection_bytes <= 5120
    error_message = "It fits into an SCP."
  }
}

run "protection_of_a_part" {
  variables {
    fence = { keeper_role_arns = ["arn:aws:iam::123456789012:role/deploy"], address_arns = ["arn:aws:ec2:eu-central-1:123456789012:elastic-ip/eipalloc-0"] }
  }

  assert {
    condition     = [for statement in jsondecode(output.protection_json).Statement : statement.Sid] == ["KeepTheAddresses"]
    error_message = "What is not named has no statement: an empty one would be refused by IAM."
  }
}

run "example" {
  command   = plan
  providers = { aws = aws }
  module {
    source = "./examples/minimal"
  }
}
