"""Sets of packets: intervals, products of them, and canonical decision diagrams."""
