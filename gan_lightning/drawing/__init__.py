"""Pictures for the eye: sheets of images, the plane of points, films."""
