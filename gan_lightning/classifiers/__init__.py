"""Small image classifiers that come with the package: their features are what generated images are compared in."""
