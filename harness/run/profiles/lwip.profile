# What is known of lwip.
