"""Ways to make a router's tunnels safe: each is a set of changes to the configuration, and each is proved again."""
