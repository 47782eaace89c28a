package dev.howdah.plugins.configuration.profile;

/**
 * One parameter as a profile sets it.
 *
 * @param name the parameter
 * @param value its value, as one would write it into a Cluster
 * @param rule how it was found, in words
 */
public record Tuned(String name, String value, String rule) {}
