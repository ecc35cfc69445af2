"""Time-frequency images: made from signals, kept in class folders, dealt to training and test."""
