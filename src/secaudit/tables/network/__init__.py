"""Tables about what is reached over the network: a site, hosts, a mail domain. All go through `target.net`."""

KINDS = ("site", "network", "domain")
"""The kinds of target that these tables look at."""
