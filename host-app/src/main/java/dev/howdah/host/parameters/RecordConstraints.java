package dev.howdah.host.parameters;

import java.util.List;

/** Constraints of plugins' records, for who doesn't bind parameters. Thread-safe. */
public final class RecordConstraints {

  private RecordConstraints() {}

  /**
   * What is wrong with a record.
   *
   * @param instance the record
   * @return path and message of each violation, sorted, always in English
   */
  public static List<String> violations(Record instance) {
    return Constraints.violations(instance);
  }

  /**
   * Lets go of what is remembered of the classes of all plugins, so that one that has stopped can
   * leave memory. Costs the next check some milliseconds.
   */
  public static void forgetClasses() {
    Constraints.forgetClasses();
  }
}
