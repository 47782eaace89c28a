package dev.howdah.host.delivery;

import dev.howdah.plugin.cluster.Cluster;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

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

  /**
   * Reports.
   *
   * @param decision what it followed from; null if nothing could be decided
   */
  static DeliveryReport of(
      Cluster cluster, Instant time, Outcome outcome, @Nullable Decision decision, String detail) {
    String name = cluster.qualifiedName();
    if (decision == null) {
      return new DeliveryReport(
          name, time, outcome, "", new TreeMap<>(), new TreeMap<>(), Map.of(), detail);
    }
    SortedMap<String, String> drift = new TreeMap<>(decision.differing());
    if (outcome == Outcome.APPLIED) {
      drift.keySet().removeAll(decision.set().keySet());
    }
    SortedMap<String, String> left = new TreeMap<>();
    decision.left().forEach((parameter, one) -> left.put(parameter, one.by()));
    return new DeliveryReport(
        name, time, outcome, digest(decision.set()), decision.set(), drift, left, detail);
  }

  /** Over the sorted {@code name=value} lines. */
  static String digest(SortedMap<String, String> set) {
    StringBuilder lines = new StringBuilder();
    set.forEach((name, value) -> lines.append(name).append('=').append(value).append('\n'));
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(lines.toString().getBytes(StandardCharsets.UTF_8));
      return "sha256:" + HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256.", e);
    }
  }
}
