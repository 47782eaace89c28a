package dev.howdah.sanity;

/** A part of the protocol or of the wire; the prefix of a check's id names it. */
public enum Area {
  /** Who the plugin says it is, and whether it says it is well. */
  IDENTITY("ID", "Identity"),
  /** What the plugin says it can do. */
  CAPABILITIES("CAP", "Capabilities"),
  /** Mutual TLS on TCP. */
  TLS("TLS", "TLS"),
  /** The socket file and its folder. */
  SOCKET("SOCK", "Unix socket"),
  /** Calls as such: sizes, cancellation, garbage, error texts. */
  TRANSPORT("TRN", "Transport"),
  /** Validation, defaults and status of a Cluster. */
  OPERATOR("OPR", "Operator"),
  /** Patches to the objects that the operator makes. */
  LIFECYCLE("LIF", "Lifecycle"),
  /** Archiving and fetching of WAL files. */
  WAL("WAL", "WAL"),
  /** Base backups. */
  BACKUP("BKP", "Backup"),
  /** Hooks around the operator's reconcile loops. */
  RECONCILER("REC", "Reconciler"),
  /** Filling PGDATA from a backup. */
  RESTORE("RST", "Restore job"),
  /** PostgreSQL's parameters. */
  POSTGRES("PG", "Postgres"),
  /** Metrics added to the instance's exporter. */
  METRICS("MET", "Metrics"),
  /** Several plugins behind one endpoint. */
  HOST("HOST", "Host of several plugins");

  private final String prefix;
  private final String title;

  Area(String prefix, String title) {
    this.prefix = prefix;
    this.title = title;
  }

  /** What ids of this area begin with, such as {@code ID} in {@code ID-01}. */
  public String prefix() {
    return prefix;
  }

  /** The name to print. */
  public String title() {
    return title;
  }

  /**
   * The area that an id belongs to.
   *
   * @param id a check's id, such as {@code WAL-07}
   * @throws IllegalArgumentException if no area has that prefix
   */
  public static Area of(String id) {
    for (Area area : values()) {
      if (id.startsWith(area.prefix + "-")) {
        return area;
      }
    }
    throw new IllegalArgumentException("no area has the prefix of check " + id);
  }
}
