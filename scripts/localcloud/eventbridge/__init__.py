"""EventBridge: rules that fire by their schedules, and what their targets receive."""
