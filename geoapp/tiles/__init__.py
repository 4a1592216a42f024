"""What the browser draws: generalised features and class pictures of a snapshot."""
