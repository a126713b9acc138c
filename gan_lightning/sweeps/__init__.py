"""Many runs at once: each a job with a status, resumed where it stopped, and read together as one result."""
