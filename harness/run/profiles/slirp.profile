# What is known of slirp.
