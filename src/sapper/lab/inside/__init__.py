"""What runs inside the guest: the agent's own small modules. They import little, since every import is slow there."""
