"""What is printed where on a page, composed from what was read of it: names, ink, pulses, printed words."""
