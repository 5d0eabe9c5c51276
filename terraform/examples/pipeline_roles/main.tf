# The roles of the pipeline (.github/workflows): for each root one that plans and one that applies. A person applies this
# root, once, and again when permissions.json of a root changes.
terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  backend "s3" {
    use_lockfile = true
  }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = {
      managed-by = "terraform"
      solution   = "pipeline"
    }
  }
}

# An account has one for GitHub: where it is there already, import it.
resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

# A job has this subject only while it runs in that environment of that repository. Who may start one is said there: the
# environment for apply has reviewers and takes main alone.
data "aws_iam_policy_document" "trust" {
  for_each = { plan = "${var.environment}-plan", apply = var.environment }

  statement {
    sid     = "JobsOfOneEnvironment"
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::${var.account_id}:oidc-provider/token.actions.githubusercontent.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:${var.repository.owner}/${var.repository.name}:environment:${each.value}"]
    }
  }
}

locals {
  # What Terraform was seen to call for each root, what AWS checks with that, and what changes need.
  actions = {
    for root in keys(var.roots) : root => distinct(flatten([
      for statement in jsondecode(file("${path.module}/../../${root}/permissions.json")).Statement : statement.Action
    ]))
  }

  # Objects are named one by one, since reading any object is reading any data.
  of_objects = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObject", "s3:GetObjectTagging", "s3:PutObject", "s3:PutObjectTagging"]
  unnamed    = { for root, all in local.actions : root => setsubtract(all, local.of_objects) }

  reads   = { for root, all in local.unnamed : root => [for action in all : action if can(regex(":(Describe|Get|List|GET$)", action))] }
  changes = { for root, all in local.unnamed : root => setsubtract(all, local.reads[root]) }

  # What a root deploys is named after it; Client VPN takes no function whose name begins otherwise than this.
  names = {
    for root, given in var.roots : root => [
      for begin in ["", "AWSClientVPN-"] : "${begin}${given.prefix}-${replace(root, "_", "-")}*"
    ]
  }
  own_roles    = { for root, given in var.roots : root => [for name in local.names[root] : "arn:aws:iam::${var.account_id}:role${given.role_path}${name}"] }
  own_policies = { for root, given in var.roots : root => [for name in local.names[root] : "arn:aws:iam::${var.account_id}:policy${given.role_path}${name}"] }

  here = "${var.region}:${var.account_id}"
  own_functions = {
    for root, names in local.names : root => concat(
      [for name in names : "arn:aws:lambda:${local.here}:function:${name}"],
      ["arn:aws:lambda:${local.here}:event-source-mapping:*"], # whose names are ids; their tags are meant
    )
  }
  own_bucket = { for root, given in var.roots : root => "arn:aws:s3:::${given.prefix}-athena-spill-${var.account_id}-${var.region}" }
}
