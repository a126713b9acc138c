"""Families of networks, a generator and a discriminator each: factories that the model calls with the data's shape."""
