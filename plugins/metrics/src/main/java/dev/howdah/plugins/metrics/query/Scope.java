package dev.howdah.plugins.metrics.query;

/** Where a statement is asked. */
public enum Scope {
  /** Once, in the main database: views that show the whole server. */
  SERVER,
  /** In every database that is looked into: what only the database itself knows. */
  DATABASE
}
