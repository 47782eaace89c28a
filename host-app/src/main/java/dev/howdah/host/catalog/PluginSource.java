package dev.howdah.host.catalog;

import java.util.Locale;

/**
 * Where a plugin came from.
 *
 * @param door by which door it came in
 * @param location the JAR, the folder or the class, for messages
 */
public record PluginSource(Door door, String location) {

  /** The ways in. */
  public enum Door {
    /** The host's own class path. */
    CLASS_PATH,
    /** A JAR, or folder of JARs, in the drop-in folder. */
    DROP_IN,
    /** Nowhere: it was only named. */
    NAMED,
    /** Handed over by code, in tests and benchmarks. */
    EMBEDDED
  }

  @Override
  public String toString() {
    return door.name().toLowerCase(Locale.ROOT).replace('_', '-') + ":" + location;
  }
}
