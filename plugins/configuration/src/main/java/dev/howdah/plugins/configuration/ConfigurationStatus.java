package dev.howdah.plugins.configuration;

/**
 * What the Cluster's status says about the plugin: a function of the Cluster's definition and the
 * host's configuration alone.
 *
 * @param profile the profile, or {@code none}
 * @param delivery what is done with the plan
 * @param planned digest of all that the plan sets, as {@code explain} prints it
 */
record ConfigurationStatus(String profile, String delivery, String planned) {}
