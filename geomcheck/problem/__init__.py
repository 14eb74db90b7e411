"""What is studied: networks, explicit models, losses, problems, and how they are read."""
