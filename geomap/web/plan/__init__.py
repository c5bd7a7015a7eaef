"""The planner: who is within reach, who is not, by which standard, and which claim is true."""
