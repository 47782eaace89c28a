package dev.howdah.plugin.registry;

import dev.howdah.plugin.postgres.DesiredParametersHook;
import dev.howdah.plugin.postgres.ParameterLayer;

/** A hook for desired parameters with its layer. */
public record DesiredParametersRegistration(ParameterLayer layer, DesiredParametersHook hook) {}
