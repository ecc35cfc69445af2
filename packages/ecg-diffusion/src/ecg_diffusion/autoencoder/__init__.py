"""The autoencoder: pictures to latents and back."""
