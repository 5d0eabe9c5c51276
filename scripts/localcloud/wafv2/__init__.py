"""AWS WAF (wafv2): web ACLs are checked as AWS checks them, and evaluated for the stages that they are deployed to."""
