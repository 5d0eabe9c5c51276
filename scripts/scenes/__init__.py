"""One scene per root: what is put into the account, what happens there, and what is seen afterwards."""
