package dev.howdah.plugins.audit;

import java.util.Locale;
import java.util.Map;

/**
 * What pgaudit logs. The parameters go through the Cluster's spec, since CloudNativePG preloads the
 * library and creates the extension only for parameters that it finds there.
 */
enum PgauditPreset {
  /** Nothing is wanted. CloudNativePG then drops the extension, unless the user's spec uses it. */
  OFF("", "nothing"),
  /** Changes of definitions, roles and privileges. */
  DDL("ddl, role", "definitions, roles and privileges"),
  /** Also changes of data. */
  WRITE("ddl, role, write", "definitions, roles, privileges and changes of data"),
  /** Also reads and functions; all but housekeeping such as {@code SET} and {@code VACUUM}. */
  ALL("all, -misc", "everything but housekeeping such as SET and VACUUM");

  private static final String CLASSES = "pgaudit.log";

  /** Without the catalogue: clients' and exporters' look-ups there would bury everything else. */
  private static final String CATALOG = "pgaudit.log_catalog";

  private final String classes;
  private final String logged;

  PgauditPreset(String classes, String logged) {
    this.classes = classes;
    this.logged = logged;
  }

  /** The preset of a name in lower case. */
  static PgauditPreset of(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  /** The PostgreSQL parameters that it takes. */
  Map<String, String> parameters() {
    return this == OFF ? Map.of() : Map.of(CLASSES, classes, CATALOG, "off");
  }

  /** Why it takes each of them. */
  Map<String, String> rules() {
    return this == OFF
        ? Map.of()
        : Map.of(
            CLASSES,
            rule("logs " + logged),
            CATALOG,
            rule("leaves out statements that only look into the catalogue"));
  }

  private String rule(String what) {
    return "pgaudit %s: %s".formatted(name().toLowerCase(Locale.ROOT), what);
  }
}
