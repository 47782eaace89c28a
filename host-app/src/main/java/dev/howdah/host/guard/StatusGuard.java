package dev.howdah.host.guard;

import dev.howdah.plugin.cluster.Cluster;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/**
 * Turns a plugin's status into JSON and lets it through if the Cluster can keep it. Thread-safe.
 *
 * <p>Every change of a Cluster's status starts the operator's next loop. So for one definition of a
 * Cluster there is one status: the first one. A different one is refused until the definition
 * changes, or the Cluster has been forgotten in favour of others.
 */
public final class StatusGuard {

  /** Bytes that a status must stay below. */
  static final int LIMIT = 16 * 1024;

  private final Map<Subject, Given> given;

  /** Makes a guard that remembers ten thousand pairs of plugin and Cluster. */
  public StatusGuard() {
    this(10_000);
  }

  /**
   * Makes a guard.
   *
   * @param remembered how many pairs of plugin and Cluster to remember; the least recently asked
   *     ones are forgotten
   */
  public StatusGuard(int remembered) {
    this.given =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Subject, Given> eldest) {
            return size() > remembered;
          }
        };
  }

  /**
   * Checks a status.
   *
   * @param plugin name of the plugin
   * @param cluster the Cluster that the status is about
   * @param status what the plugin's hook returned: a record, map or JSON object
   * @return the status as compact JSON in UTF-8, with sorted keys
   * @throws GuardViolation if it isn't a JSON object, too large, or not the one given before for
   *     the same definition
   */
  public byte[] check(String plugin, Cluster cluster, @Nullable Object status) {
    byte[] json = encode(plugin, status);
    if (json.length >= LIMIT) {
      throw new GuardViolation(
          plugin,
          GuardRule.STATUS_TOO_LARGE,
          "its status has %d KiB or more; keep details elsewhere.".formatted(LIMIT / 1024));
    }
    if (!sameAsBefore(plugin, cluster, json)) {
      throw new GuardViolation(
          plugin,
          GuardRule.STATUS_UNSTABLE,
          "its status changed although the Cluster's definition didn't, which would start the"
              + " operator's loop again and again; leave out times, counters and whatever else"
              + " changes by itself.");
    }
    return json;
  }

  private static byte[] encode(String plugin, @Nullable Object status) {
    if (status == null) {
      throw new GuardViolation(
          plugin,
          GuardRule.ANSWER_MISSING,
          "its status hook returned nothing; return an empty Optional to say nothing.");
    }
    try {
      return ModelJson.bytes(ModelJson.tree(status));
    } catch (JacksonException e) {
      GuardViolation violation =
          new GuardViolation(
              plugin,
              GuardRule.STATUS_NOT_OBJECT,
              "its status is not a JSON object; return a record or a map.");
      violation.initCause(e);
      throw violation;
    }
  }

  private boolean sameAsBefore(String plugin, Cluster cluster, byte[] json) {
    String definition = digest(definition(cluster));
    String status = digest(json);
    Subject subject =
        new Subject(plugin, cluster.uid().isEmpty() ? cluster.qualifiedName() : cluster.uid());
    synchronized (given) {
      Given before = given.get(subject);
      if (before == null || !before.definition().equals(definition)) {
        given.put(subject, new Given(definition, status));
        return true;
      }
      return before.status().equals(status);
    }
  }

  private static byte[] definition(Cluster cluster) {
    ObjectNode json = cluster.json();
    json.remove("status");
    if (json.path("metadata") instanceof ObjectNode metadata) {
      metadata.remove("resourceVersion");
      metadata.remove("managedFields");
    }
    return ModelJson.bytes(ModelJson.sorted(json));
  }

  private static String digest(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256.", e);
    }
  }

  private record Subject(String plugin, String cluster) {}

  /** Digests only, so that what is remembered stays small. */
  private record Given(String definition, String status) {}
}
