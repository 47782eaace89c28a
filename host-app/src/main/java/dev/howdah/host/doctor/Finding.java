package dev.howdah.host.doctor;

/**
 * One thing that is wrong, or that a reader should know.
 *
 * @param severity how bad it is
 * @param subject the object it is about, such as {@code Service cnpg-system/howdah-audit}
 * @param problem what is wrong
 * @param remedy what to do
 */
record Finding(Severity severity, String subject, String problem, String remedy) {

  /** How bad a finding is. */
  enum Severity {
    /** Something doesn't work, or soon won't. */
    ERROR,
    /** Something may go wrong. */
    WARNING,
    /** What could not be looked at, or is as it has to be but surprises. */
    NOTE
  }

  static Finding error(String subject, String problem, String remedy) {
    return new Finding(Severity.ERROR, subject, problem, remedy);
  }

  static Finding warning(String subject, String problem, String remedy) {
    return new Finding(Severity.WARNING, subject, problem, remedy);
  }

  static Finding note(String subject, String problem, String remedy) {
    return new Finding(Severity.NOTE, subject, problem, remedy);
  }
}
