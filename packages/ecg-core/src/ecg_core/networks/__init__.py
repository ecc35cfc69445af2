"""Parts of networks that several learned areas share; torch is imported by the modules, not by this package."""
