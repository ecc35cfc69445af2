from acme_broken import module_that_was_forgotten

run = module_that_was_forgotten.run
