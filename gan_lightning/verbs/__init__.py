"""What the command line does besides training a GAN: one file a verb."""
