"""The rules of the hotline. Standard library only; no input or output; time is an argument."""
