"""Who may do what: IAM and service control policies, evaluated for a request that is described.

All of it is pure but `deployed.py`, which reads the policies of an account.

"Policy evaluation logic", "IAM JSON policy elements" and "AWS global condition context keys" in the IAM User Guide,
"SCP evaluation" in the AWS Organizations User Guide. What is not evaluated (session policies, permissions boundaries,
resource control policies, policy variables, NotPrincipal) is refused by name or has no parameter.
"""
