# What is known of gvisor.
