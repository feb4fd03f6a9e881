"""What one Plan holds, found by prefix: the same facts as the reference walk scans for, without the scan."""
