# A cluster as the well-known modules make it: control plane, managed nodes, a key for secrets, roles, groups and add-ons.
variable "vpc_id" {
  description = "Network of the cluster."
  type        = string
  default     = "vpc-0a1b2c3d4e5f67890"
}

locals {
  subnets = ["subnet-0a1b2c3d4e5f67890", "subnet-1a1b2c3d4e5f67890", "subnet-2a1b2c3d4e5f67890"]
  tags    = { Environment = "dev", Terraform = "true" }
  control = ["AmazonEKSClusterPolicy", "AmazonEKSVPCResourceController"]
  nodes   = ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryReadOnly", "AmazonEKS_CNI_Policy"]
}

resource "aws_kms_key" "this" {
  description             = "example cluster encryption key"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = local.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "KeyAdministration"
        Effect    = "Allow"
        Action    = "kms:*"
        Resource  = "*"
        Principal = { AWS = "arn:aws:iam::123456789012:root" }
      },
      {
        Sid       = "KeyUsage"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        Resource  = "*"
        Principal = { AWS = aws_iam_role.cluster.arn }
      },
    ]
  })
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/eks/example/cluster"
  retention_in_days = 90
  tags              = local.tags
}

data "aws_iam_policy_document" "cluster_trust" {
  statement {
    sid     = "EKSClusterAssumeRole"
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = "Service"
      identifiers = ["eks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "cluster" {
  name_prefix           = "example-cluster-"
  assume_role_policy    = data.aws_iam_policy_document.cluster_trust.json
  force_detach_policies = true
  tags                  = local.tags
}

resource "aws_iam_role_policy_attachment" "cluster" {
  for_each = toset(local.control)

  policy_arn = "arn:aws:iam::aws:policy/${each.value}"
  role       = aws_iam_role.cluster.name
}

resource "aws_iam_policy" "encryption" {
  name_prefix = "example-cluster-ClusterEncryption-"
  tags        = local.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Action   = ["kms:Encrypt", "kms:Decrypt", "kms:ListGrants", "kms:DescribeKey"]
      Effect   = "Allow"
      Resource = aws_kms_key.this.arn
    }]
  })
}

resource "aws_iam_role_policy_attachment" "encryption" {
  policy_arn = aws_iam_policy.encryption.arn
  role       = aws_iam_role.cluster.name
}

resource "aws_security_group" "cluster" {
  name_prefix = "example-cluster-"
  description = "EKS cluster security group"
  vpc_id      = var.vpc_id
  tags        = merge(local.tags, { Name = "example-cluster" })
}

resource "aws_security_group" "node" {
  name_prefix = "example-node-"
  description = "EKS node shared security group"
  vpc_id      = var.vpc_id
  tags        = merge(local.tags, { Name = "example-node", "kubernetes.io/cluster/example" = "owned" })
}

resource "aws_security_group_rule" "cluster" {
  description              = "Node groups to cluster API"
  security_group_id        = aws_security_group.cluster.id
  source_security_group_id = aws_security_group.node.id
  type                     = "ingress"
  protocol                 = "tcp"
  from_port                = 443
  to_port                  = 443
}

resource "aws_security_group_rule" "node_egress" {
  description       = "Allow all egress"
  security_group_id = aws_security_group.node.id
  type              = "egress"
  protocol          = "-1"
  from_port         = 0
  to_port           = 0
  cidr_blocks       = ["0.0.0.0/0"]
}

resource "aws_eks_cluster" "this" {
  name                      = "example"
  role_arn                  = aws_iam_role.cluster.arn
  version                   = "1.33"
  enabled_cluster_log_types = ["api", "audit", "authenticator"]
  tags                      = local.tags

  vpc_config {
    security_group_ids      = [aws_security_group.cluster.id]
    subnet_ids              = local.subnets
    endpoint_private_access = true
    endpoint_public_access  = true
  }

  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = aws_kms_key.this.arn
    }
  }

  depends_on = [aws_iam_role_policy_attachment.cluster, aws_cloudwatch_log_group.this]
}

resource "aws_iam_openid_connect_provider" "this" {
  client_id_list = ["sts.amazonaws.com"]
  url            = aws_eks_cluster.this.identity[0].oidc[0].issuer
  tags           = local.tags
}

data "aws_iam_policy_document" "node_trust" {
  statement {
    sid     = "EKSNodeAssumeRole"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "node" {
  name_prefix        = "default-eks-node-group-"
  assume_role_policy = data.aws_iam_policy_document.node_trust.json
  tags               = local.tags
}

resource "aws_iam_role_policy_attachment" "node" {
  for_each = toset(local.nodes)

  policy_arn = "arn:aws:iam::aws:policy/${each.value}"
  role       = aws_iam_role.node.name
}

# A controller in the cluster that grows it, by the permissions that its authors ask for.
data "aws_iam_policy_document" "autoscaler" {
  statement {
    actions   = ["autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeTags", "ec2:DescribeInstanceTypes"]
    resources = ["*"]
  }

  statement {
    actions   = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "autoscaling:ResourceTag/kubernetes.io/cluster/example"
      values   = ["owned"]
    }
  }
}

resource "aws_iam_policy" "autoscaler" {
  name_prefix = "AmazonEKS_Cluster_Autoscaler_Policy-"
  policy      = data.aws_iam_policy_document.autoscaler.json
  tags        = local.tags
}

resource "aws_launch_template" "this" {
  name_prefix            = "default-"
  update_default_version = true
  vpc_security_group_ids = [aws_security_group.node.id]
  tags                   = local.tags

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 2
  }
}

resource "aws_eks_node_group" "this" {
  cluster_name           = aws_eks_cluster.this.name
  node_group_name_prefix = "default-"
  node_role_arn          = aws_iam_role.node.arn
  subnet_ids             = local.subnets
  instance_types         = ["m6i.large"]
  tags                   = local.tags

  scaling_config {
    min_size     = 1
    max_size     = 3
    desired_size = 1
  }

  launch_template {
    id      = aws_launch_template.this.id
    version = aws_launch_template.this.default_version
  }

  lifecycle {
    ignore_changes = [scaling_config[0].desired_size]
  }
}

resource "aws_eks_addon" "this" {
  for_each = toset(["coredns", "kube-proxy", "vpc-cni"])

  cluster_name = aws_eks_cluster.this.name
  addon_name   = each.value
  tags         = local.tags
}
