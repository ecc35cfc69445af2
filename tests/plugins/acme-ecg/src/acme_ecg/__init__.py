"""Acme's plugins for ecg."""
