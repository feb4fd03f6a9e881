"""The live kernel: install a Plan, enter namespaces, speak netlink and nftables."""
