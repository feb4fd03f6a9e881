"""The ingredients of a random case, one file each; all draw from one tiny pool of addresses, so that things collide."""
