import surely_absent_accelerator

run = surely_absent_accelerator.run
