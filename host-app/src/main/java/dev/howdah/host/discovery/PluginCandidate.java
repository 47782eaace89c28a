package dev.howdah.host.discovery;

import dev.howdah.host.catalog.PluginSource;
import dev.howdah.host.catalog.Problem;
import dev.howdah.plugin.PluginManifest;

/** What a door found. */
public sealed interface PluginCandidate {

  /** Where it was found. */
  PluginSource source();

  /**
   * A plugin that may be started.
   *
   * @param source where it was found
   * @param manifest what it says of itself
   * @param factory makes it
   */
  record Acceptable(PluginSource source, PluginManifest manifest, PluginFactory factory)
      implements PluginCandidate {}

  /**
   * Something that can't be a plugin here.
   *
   * @param source where it was found
   * @param id its id, or something derived from its file's name
   * @param problem what is wrong, and what to do
   */
  record Refused(PluginSource source, String id, Problem problem) implements PluginCandidate {}
}
