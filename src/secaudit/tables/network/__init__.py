"""Tables of targets that are reached by the network: sites, hosts, domains."""
