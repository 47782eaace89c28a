package dev.howdah.host.delivery;

import java.time.Instant;
import java.util.Map;
import java.util.SortedMap;

/**
 * What became of one Cluster's wishes when they were last looked at.
 *
 * @param cluster {@code namespace/name}
 * @param time when that was
 * @param outcome what was done
 * @param digest of the set that Howdah should hold: {@code sha256:} and hexadecimal digits over the
 *     sorted {@code name=value} lines
 * @param wanted that set
 * @param drift wishes that the Cluster didn't have, each with what it had instead (empty if
 *     nothing)
 * @param left wishes that were left to the manager that took them back
 * @param detail why, in words; empty if there is nothing to say
 */
public record DeliveryReport(
    String cluster,
    Instant time,
    Outcome outcome,
    String digest,
    SortedMap<String, String> wanted,
    SortedMap<String, String> drift,
    Map<String, String> left,
    String detail) {

  /** What was done. */
  public enum Outcome {
    /** Nothing had to be done. */
    AT_REST,
    /** The set was applied. */
    APPLIED,
    /** It will be applied later; too much was written lately. */
    WAITING,
    /** Nothing, since a plugin couldn't say what it wants. */
    UNKNOWN,
    /** The API server refused the set. */
    REFUSED,
    /** The API server didn't answer, or others were faster again and again. */
    FAILED
  }
}
