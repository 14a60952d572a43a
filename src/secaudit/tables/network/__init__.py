"""Tables about what is reached over the network: a site, hosts, a mail domain. All go through `target.net`."""
