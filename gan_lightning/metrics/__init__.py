"""What says how good samples are: one measure per file, none inside a LightningModule."""
