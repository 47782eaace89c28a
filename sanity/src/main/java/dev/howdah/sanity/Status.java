package dev.howdah.sanity;

/** What came of one check. */
public enum Status {
  /** The plugin does what the check requires. */
  PASSED,
  /** It does not; the findings say what was seen. */
  FAILED,
  /** It does not, and the list of known failures says so; does not count as a failure. */
  KNOWN,
  /** It does, although the list of known failures says otherwise: the list wants cleaning. */
  FIXED,
  /** The check does not apply or could not be decided; the findings say why. */
  SKIPPED
}
