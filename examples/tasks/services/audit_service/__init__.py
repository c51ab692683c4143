"""The audit service: what programs did, and for whom."""
