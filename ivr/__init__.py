"""A telephone hotline: it answers, asks, lets callers wait fairly, finds the right agent and remembers."""
