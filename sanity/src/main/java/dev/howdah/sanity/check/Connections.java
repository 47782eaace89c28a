package dev.howdah.sanity.check;

/** How many connections the operator keeps. */
final class Connections {
  /** Size of the operator's pool for each plugin. */
  static final int POOL = 5;

  private Connections() {}
}
