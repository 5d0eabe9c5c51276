# Two ways out: one for the VPN's users, whose addresses the policies trust, and one for the checker alone. Were they the same,
# every user could ask the check about anybody's address.
locals {
  created = var.existing_network == null

  zone_names = !local.created ? [] : length(var.vpc.zones) > 0 ? sort(var.vpc.zones) : (
    slice(sort(data.aws_availability_zones.regular["this"].names), 0, 2)
  )
  zones = { for index, name in local.zone_names : name => index }

  # Sixteenths of the VPC: five each for what faces the internet, for the VPN's users and for the checker.
  blocks = {
    for name, index in local.zones : name => {
      public  = cidrsubnet(var.vpc.cidr, 4, index)
      users   = cidrsubnet(var.vpc.cidr, 4, 5 + index)
      checker = cidrsubnet(var.vpc.cidr, 4, 10 + index)
    }
  }

  # In which zones NAT gateways stand, and by which of them each zone leaves.
  nat_zones  = var.vpc.nat_in_every_zone ? local.zone_names : slice(local.zone_names, 0, min(1, length(local.zone_names)))
  nat_of     = { for name in local.zone_names : name => var.vpc.nat_in_every_zone ? name : local.zone_names[0] }
  user_zones = var.vpn == null ? {} : local.zones
  user_nats  = var.vpn == null ? [] : local.nat_zones

  vpc_id   = local.created ? aws_vpc.this["this"].id : var.existing_network.vpc_id
  vpc_cidr = local.created ? var.vpc.cidr : data.aws_vpc.existing["this"].cidr_block

  vpn_subnet_ids = local.created ? { for name, subnet in aws_subnet.users : name => subnet.id } : var.existing_network.vpn_subnet_ids

  checker_addresses = sort(local.created ? [for address in aws_eip.checker : "${address.public_ip}/32"] : [
    for address in var.existing_network.checker_addresses : "${address}/32"
  ])
  user_addresses = sort(local.created ? [for address in aws_eip.users : "${address.public_ip}/32"] : [
    for address in var.existing_network.vpn_addresses : "${address}/32"
  ])

  checker_network = {
    vpc_id             = local.vpc_id
    subnet_ids         = local.created ? toset([for subnet in aws_subnet.checker : subnet.id]) : var.existing_network.checker_subnet_ids
    security_group_ids = [aws_security_group.checker.id]
  }
}

# Not by their state: a zone that fails would move every subnet.
data "aws_availability_zones" "regular" {
  #checkov:skip=CKV_AWS_394:The first two by name are taken, which a new zone does not change; vpc.zones names others.
  for_each = local.created && length(var.vpc.zones) == 0 ? { this = "opt-in-not-required" } : {}

  filter {
    name   = "opt-in-status"
    values = [each.value] # no local zones
  }
}

data "aws_vpc" "existing" {
  for_each = local.created ? {} : { this = var.existing_network.vpc_id }

  id = each.value
}

resource "aws_vpc" "this" {
  #checkov:skip=CKV2_AWS_12:aws_default_security_group.this does it, for each VPC, where the rule does not find it.
  #checkov:skip=CKV2_AWS_11:Flow logs record what people visit, and cost by use: whoever wants them sends them where they keep such things.
  for_each = local.created ? { this = var.vpc.cidr } : {}

  cidr_block           = each.value
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = merge(var.tags, { Name = local.name })
}

# Whatever is put into the VPC without a group of its own reaches nothing.
resource "aws_default_security_group" "this" {
  for_each = aws_vpc.this

  vpc_id = each.value.id
  tags   = merge(var.tags, { Name = "${local.name}-default" })
}

resource "aws_internet_gateway" "this" {
  for_each = aws_vpc.this

  vpc_id = each.value.id
  tags   = merge(var.tags, { Name = local.name })
}

resource "aws_subnet" "public" {
  for_each = local.blocks

  vpc_id            = local.vpc_id
  availability_zone = each.key
  cidr_block        = each.value.public
  tags              = merge(var.tags, { Name = "${local.name}-public-${each.key}" })
}

resource "aws_subnet" "checker" {
  for_each = local.blocks

  vpc_id            = local.vpc_id
  availability_zone = each.key
  cidr_block        = each.value.checker
  tags              = merge(var.tags, { Name = "${local.name}-checker-${each.key}" })
}

resource "aws_subnet" "users" {
  for_each = local.user_zones

  vpc_id            = local.vpc_id
  availability_zone = each.key
  cidr_block        = local.blocks[each.key].users
  tags              = merge(var.tags, { Name = "${local.name}-users-${each.key}" })
}

# Addresses that policies trust outlive the gateways: another gateway keeps them.
resource "aws_eip" "checker" {
  #checkov:skip=CKV2_AWS_19:It belongs to a NAT gateway.
  for_each = toset(local.nat_zones)

  domain = "vpc"
  tags   = merge(var.tags, { Name = "${local.name}-checker-${each.key}" })

  depends_on = [aws_internet_gateway.this]
}

resource "aws_eip" "users" {
  #checkov:skip=CKV2_AWS_19:It belongs to a NAT gateway.
  for_each = toset(local.user_nats)

  domain = "vpc"
  tags   = merge(var.tags, { Name = "${local.name}-users-${each.key}" })

  depends_on = [aws_internet_gateway.this]
}

resource "aws_nat_gateway" "checker" {
  for_each = aws_eip.checker

  allocation_id = each.value.id
  subnet_id     = aws_subnet.public[each.key].id
  tags          = merge(var.tags, { Name = "${local.name}-checker-${each.key}" })

  depends_on = [aws_route.internet]
}

resource "aws_nat_gateway" "users" {
  for_each = aws_eip.users

  allocation_id = each.value.id
  subnet_id     = aws_subnet.public[each.key].id
  tags          = merge(var.tags, { Name = "${local.name}-users-${each.key}" })

  depends_on = [aws_route.internet]
}

resource "aws_route_table" "public" {
  for_each = aws_vpc.this

  vpc_id = each.value.id
  tags   = merge(var.tags, { Name = "${local.name}-public" })
}

resource "aws_route_table" "checker" {
  for_each = local.zones

  vpc_id = local.vpc_id
  tags   = merge(var.tags, { Name = "${local.name}-checker-${each.key}" })
}

resource "aws_route_table" "users" {
  for_each = local.user_zones

  vpc_id = local.vpc_id
  tags   = merge(var.tags, { Name = "${local.name}-users-${each.key}" })
}

resource "aws_route" "internet" {
  for_each = aws_route_table.public

  route_table_id         = each.value.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this[each.key].id
}

resource "aws_route" "checker" {
  for_each = aws_route_table.checker

  route_table_id         = each.value.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.checker[local.nat_of[each.key]].id
}

resource "aws_route" "users" {
  for_each = aws_route_table.users

  route_table_id         = each.value.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.users[local.nat_of[each.key]].id
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  subnet_id      = each.value.id
  route_table_id = aws_route_table.public["this"].id
}

resource "aws_route_table_association" "checker" {
  for_each = aws_subnet.checker

  subnet_id      = each.value.id
  route_table_id = aws_route_table.checker[each.key].id
}

resource "aws_route_table_association" "users" {
  for_each = aws_subnet.users

  subnet_id      = each.value.id
  route_table_id = aws_route_table.users[each.key].id
}

resource "aws_security_group" "checker" {
  #checkov:skip=CKV2_AWS_5:The functions have it, in the module lambda_function, where the rule does not look.
  name        = "${local.name}-checker"
  description = "The checker asks by HTTPS, and answers nobody."
  vpc_id      = local.vpc_id
  tags        = merge(var.tags, { Name = "${local.name}-checker" })
}

resource "aws_vpc_security_group_egress_rule" "checker" {
  security_group_id = aws_security_group.checker.id
  description       = "The API's public addresses, which AWS changes as it pleases."
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  tags              = var.tags
}
