"""Where real samples come from: a contract, a loader, and one file per source."""
