# Builds the stand-alone example as a plugin's author does, drops it into a host and calls it. Sourced.
examples/run
