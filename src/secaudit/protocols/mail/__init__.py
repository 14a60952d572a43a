"""SMTP as far as an audit needs it: answers read with limits, and no mail ever sent."""
