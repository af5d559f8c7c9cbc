"""Twilio's REST interface, as far as the network carries it: one file per resource."""
