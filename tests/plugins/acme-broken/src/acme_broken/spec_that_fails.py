raise RuntimeError("acme_broken.spec_that_fails never works")
