package dev.howdah.plugins.audit;

import java.util.Locale;
import java.util.Map;

/**
 * What pgaudit logs. The parameters go through the Cluster's spec, since CloudNativePG preloads the
 * library and creates the extension only for parameters that it finds there.
 */
enum PgauditPreset {
  /** Nothing is wanted. CloudNativePG then drops the extension, unless the user's spec uses it. */
  OFF(Map.of()),
  /** Changes of definitions, roles and privileges. */
  DDL(parameters("ddl, role")),
  /** Also changes of data. */
  WRITE(parameters("ddl, role, write")),
  /** Also reads and functions; all but housekeeping such as {@code SET} and {@code VACUUM}. */
  ALL(parameters("all, -misc"));

  private final Map<String, String> parameters;

  PgauditPreset(Map<String, String> parameters) {
    this.parameters = parameters;
  }

  /** The preset of a name in lower case. */
  static PgauditPreset of(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  /** The PostgreSQL parameters that it takes. */
  Map<String, String> parameters() {
    return parameters;
  }

  private static Map<String, String> parameters(String classes) {
    // Without the catalogue: clients' and exporters' look-ups there would bury everything else.
    return Map.of("pgaudit.log", classes, "pgaudit.log_catalog", "off");
  }
}
