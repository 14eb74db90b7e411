"""The number systems, one a file: networks, activations and losses are written once over all of them."""
