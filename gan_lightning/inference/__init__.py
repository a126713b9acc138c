"""What a trained generator can be asked for: samples, paths between them, directions, and the latent of an image."""
