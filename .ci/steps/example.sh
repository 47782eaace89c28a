# Builds the stand-alone example and a project of `plugins new` as a plugin's author does, from an empty Maven repository,
# has hosts serve them and calls them. Sourced.
HOWDAH_EXAMPLE_REPOSITORY=$(mktemp -d /tmp/howdah-ci.XXXXXX)
export HOWDAH_EXAMPLE_REPOSITORY
examples/run
rm -rf "$HOWDAH_EXAMPLE_REPOSITORY"
unset HOWDAH_EXAMPLE_REPOSITORY
