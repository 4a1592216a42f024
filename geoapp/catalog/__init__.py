"""What layers there are, which snapshot of each is current, and the city they belong to."""
