package dev.howdah.plugin.audit;

import dev.howdah.plugin.cluster.Cluster;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Something that a plugin wants kept in the audit trail. Immutable.
 *
 * @param action what it is, as lower-case words joined by dots or dashes, such as {@code
 *     object.create}
 * @param intended whether it is about to happen and may still fail, as all that lifecycle hooks
 *     see; false for what has happened
 * @param cluster the Cluster it is about
 * @param object the Kubernetes object it is about, if any
 * @param key two events with the same key are the same event, and the trail keeps one; for what
 *     several replicas, or the same one after a restart, may see again
 * @param details short facts, kept at every level; values are text
 * @param payload the full content, kept from level {@code request} on
 */
public record AuditEvent(
    String action,
    boolean intended,
    Optional<ClusterIdentity> cluster,
    Optional<ObjectIdentity> object,
    Optional<String> key,
    Map<String, String> details,
    Optional<JsonNode> payload) {

  private static final Pattern ACTION = Pattern.compile("[a-z0-9]+([.-][a-z0-9]+)*");

  /**
   * Copies the details and checks the action.
   *
   * @throws IllegalArgumentException if the action is malformed
   */
  public AuditEvent {
    if (!ACTION.matcher(action).matches()) {
      throw new IllegalArgumentException(
          "The audit action '%s' is not lower-case words joined by '.' or '-', such as 'object.create'."
              .formatted(action));
    }
    details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
  }

  /**
   * Which Cluster.
   *
   * @param namespace its namespace
   * @param name its name
   * @param uid its uid; empty if not known
   */
  public record ClusterIdentity(String namespace, String name, String uid) {
    /** The identity of a Cluster at hand. */
    public static ClusterIdentity of(Cluster cluster) {
      return new ClusterIdentity(cluster.namespace(), cluster.name(), cluster.uid());
    }
  }

  /**
   * Which Kubernetes object.
   *
   * @param group API group; empty for the core group
   * @param kind kind, such as {@code Pod}
   * @param namespace namespace; empty if it has none
   * @param name name
   */
  public record ObjectIdentity(String group, String kind, String namespace, String name) {}

  /**
   * Starts an event that has happened.
   *
   * @param action what it is
   */
  public static Builder of(String action) {
    return new Builder(action, false);
  }

  /**
   * Starts an event that is about to happen and may still fail.
   *
   * @param action what it is
   */
  public static Builder intended(String action) {
    return new Builder(action, true);
  }

  /** Collects an event. Not thread-safe. */
  public static final class Builder {
    private final String action;
    private final boolean intended;
    private final Map<String, String> details = new LinkedHashMap<>();
    private Optional<ClusterIdentity> cluster = Optional.empty();
    private Optional<ObjectIdentity> object = Optional.empty();
    private Optional<String> key = Optional.empty();
    private Optional<JsonNode> payload = Optional.empty();

    private Builder(String action, boolean intended) {
      this.action = Objects.requireNonNull(action, "action is null");
      this.intended = intended;
    }

    /** Says which Cluster it is about. */
    public Builder cluster(Cluster cluster) {
      this.cluster = Optional.of(ClusterIdentity.of(cluster));
      return this;
    }

    /** Says which object it is about. */
    public Builder object(ObjectIdentity object) {
      this.object = Optional.of(object);
      return this;
    }

    /** Makes the event the same as any other with this key. */
    public Builder key(String key) {
      this.key = Optional.of(key);
      return this;
    }

    /** Adds a short fact. */
    public Builder detail(String name, String value) {
      details.put(name, value);
      return this;
    }

    /**
     * Adds the full content.
     *
     * @param payload not to be changed afterwards
     */
    public Builder payload(JsonNode payload) {
      this.payload = Optional.of(payload);
      return this;
    }

    /**
     * Builds the event.
     *
     * @throws IllegalArgumentException if the action is malformed
     */
    public AuditEvent build() {
      return new AuditEvent(action, intended, cluster, object, key, details, payload);
    }
  }
}
