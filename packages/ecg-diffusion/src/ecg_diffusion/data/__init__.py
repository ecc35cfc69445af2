"""Pictures of training, and batches without end."""
