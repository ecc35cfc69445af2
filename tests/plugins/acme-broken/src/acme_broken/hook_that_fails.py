raise OSError("acme_broken.hook_that_fails never works")
