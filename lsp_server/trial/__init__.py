"""Trying a function on its own examples: evaluated, never executed, in a process that may do nothing else."""
