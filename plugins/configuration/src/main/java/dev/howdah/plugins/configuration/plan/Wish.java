package dev.howdah.plugins.configuration.plan;

import dev.howdah.plugin.postgres.ParameterLayer;

/**
 * What somebody other than the user wants of one parameter.
 *
 * @param layer whose word it is
 * @param by who wants it: a plugin, policy or profile
 * @param name the parameter
 * @param value its value
 * @param rule why, in words
 */
public record Wish(ParameterLayer layer, String by, String name, String value, String rule) {}
