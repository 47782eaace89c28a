package dev.howdah.host.audit;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/**
 * One thing offered to the trail, as it was: neither redacted nor chained. Payloads are suppliers,
 * so that what no rule asks for is never rendered.
 *
 * @param id unique, also for log lines about the same thing
 * @param kind what sort of thing it is
 * @param time when it began
 * @param plugin the plugin's name; empty for what concerns none
 * @param service full gRPC service name, {@code admission}, {@code managedFields} for a change that
 *     was found afterwards, or empty
 * @param method the method, the admission operation, or a published event's action
 * @param mode the host's mode
 * @param cluster the Cluster it is about
 * @param caller who called the host: a certificate's subject or a socket's path; empty if nobody
 * @param actor on whose behalf a change is made
 * @param operation what the operator or user does with the object, such as {@code CREATE}
 * @param object the Kubernetes object it is about
 * @param outcome name of the status code, {@code OK} if all went well
 * @param latency how long it took
 * @param intended whether it is about to happen and may still fail
 * @param key entries with the same key are the same; the writer keeps the first
 * @param details short facts, kept at every level
 * @param request what was asked for or published
 * @param response what was answered
 * @param before the object before a change
 * @param after the object after a change
 */
public record AuditEntry(
    String id,
    Kind kind,
    Instant time,
    String plugin,
    String service,
    String method,
    String mode,
    Optional<ClusterRef> cluster,
    String caller,
    Optional<Actor> actor,
    String operation,
    Optional<ObjectRef> object,
    String outcome,
    Optional<Duration> latency,
    boolean intended,
    Optional<String> key,
    Map<String, String> details,
    Optional<Supplier<JsonNode>> request,
    Optional<Supplier<JsonNode>> response,
    Optional<JsonNode> before,
    Optional<JsonNode> after) {

  /** What sort of thing an entry is about. */
  public enum Kind {
    /** A call to a hosted plugin. */
    CALL,
    /** A change of a Cluster's definition that somebody asked the API server for. */
    CHANGE,
    /** What a plugin published. */
    EVENT
  }

  /**
   * Which Cluster.
   *
   * @param namespace its namespace
   * @param name its name
   * @param uid its uid; empty if not known
   */
  public record ClusterRef(String namespace, String name, String uid) {}

  /**
   * Which Kubernetes object.
   *
   * @param group API group; empty for the core group
   * @param kind kind
   * @param namespace namespace; empty if none
   * @param name name
   */
  public record ObjectRef(String group, String kind, String namespace, String name) {}

  /**
   * On whose behalf a change is made.
   *
   * @param user user name
   * @param uid the user's uid; empty if none
   * @param groups the user's groups
   * @param source how this is known: {@code admission}, or {@code managedFields}, which is a guess
   */
  public record Actor(String user, String uid, List<String> groups, String source) {
    /** Copies the groups. */
    public Actor {
      groups = List.copyOf(groups);
    }
  }

  /** Copies the details. */
  public AuditEntry {
    details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
  }

  /** Starts an entry about a call to a hosted plugin. */
  public static Builder call(String plugin, String service, String method) {
    return new Builder(Kind.CALL, plugin, service, method);
  }

  /**
   * Starts an entry about a change of a Cluster.
   *
   * @param operation {@code CREATE}, {@code UPDATE} or {@code DELETE}
   */
  public static Builder change(String operation) {
    return new Builder(Kind.CHANGE, "", "admission", operation).operation(operation);
  }

  /**
   * Starts an entry about a change of a Cluster that was found afterwards.
   *
   * @param operation {@code CREATE}, {@code UPDATE} or {@code DELETE}
   */
  public static Builder foundChange(String operation) {
    return new Builder(Kind.CHANGE, "", "managedFields", operation).operation(operation);
  }

  /** Starts an entry about what a plugin published. */
  public static Builder event(String plugin, String action) {
    return new Builder(Kind.EVENT, plugin, "", action);
  }

  /** Whether it ended well. */
  public boolean ok() {
    return outcome.equals("OK");
  }

  /** Collects an entry. Not thread-safe. */
  public static final class Builder {
    private final Kind kind;
    private final String plugin;
    private final String service;
    private final String method;
    private final Map<String, String> details = new LinkedHashMap<>();
    private String id = "";
    private Instant time = Instant.now();
    private String mode = "";
    private Optional<ClusterRef> cluster = Optional.empty();
    private String caller = "";
    private Optional<Actor> actor = Optional.empty();
    private String operation = "";
    private Optional<ObjectRef> object = Optional.empty();
    private String outcome = "OK";
    private Optional<Duration> latency = Optional.empty();
    private boolean intended;
    private Optional<String> key = Optional.empty();
    private Optional<Supplier<JsonNode>> request = Optional.empty();
    private Optional<Supplier<JsonNode>> response = Optional.empty();
    private Optional<JsonNode> before = Optional.empty();
    private Optional<JsonNode> after = Optional.empty();

    private Builder(Kind kind, String plugin, String service, String method) {
      this.kind = kind;
      this.plugin = plugin;
      this.service = service;
      this.method = method;
    }

    /** Sets the id; random if not given. */
    public Builder id(String id) {
      this.id = id;
      return this;
    }

    /** Sets when it began; now if not given. */
    public Builder time(Instant time) {
      this.time = time;
      return this;
    }

    /** Sets the host's mode. */
    public Builder mode(String mode) {
      this.mode = mode;
      return this;
    }

    /** Sets the Cluster it is about. */
    public Builder cluster(String namespace, String name, String uid) {
      this.cluster = Optional.of(new ClusterRef(namespace, name, uid));
      return this;
    }

    /** Sets who called: a certificate's subject or a socket's path. */
    public Builder caller(String caller) {
      this.caller = caller;
      return this;
    }

    /** Sets on whose behalf a change is made. */
    public Builder actor(Actor actor) {
      this.actor = Optional.of(actor);
      return this;
    }

    /** Sets what is done with the object. */
    public Builder operation(String operation) {
      this.operation = operation;
      return this;
    }

    /** Sets the object it is about. */
    public Builder object(String group, String kind, String namespace, String name) {
      this.object = Optional.of(new ObjectRef(group, kind, namespace, name));
      return this;
    }

    /** Sets the name of the status code; {@code OK} if not given. */
    public Builder outcome(String outcome) {
      this.outcome = outcome;
      return this;
    }

    /** Sets how long it took. */
    public Builder latency(Duration latency) {
      this.latency = Optional.of(latency);
      return this;
    }

    /** Says that it is about to happen and may still fail. */
    public Builder intended(boolean intended) {
      this.intended = intended;
      return this;
    }

    /** Makes the entry the same as any other with this key; the writer keeps the first. */
    public Builder key(String key) {
      this.key = Optional.of(key);
      return this;
    }

    /** Adds a short fact. */
    public Builder detail(String name, String value) {
      details.put(name, value);
      return this;
    }

    /** Sets what was asked for; asked at most once, by the thread that records. */
    public Builder request(Supplier<JsonNode> request) {
      this.request = Optional.of(request);
      return this;
    }

    /** Sets what was answered; asked at most once, by the thread that records. */
    public Builder response(Supplier<JsonNode> response) {
      this.response = Optional.of(response);
      return this;
    }

    /** Sets the object before the change. */
    public Builder before(JsonNode before) {
      this.before = Optional.of(before);
      return this;
    }

    /** Sets the object after the change. */
    public Builder after(JsonNode after) {
      this.after = Optional.of(after);
      return this;
    }

    /** Builds the entry. */
    public AuditEntry build() {
      return new AuditEntry(
          id.isEmpty() ? UUID.randomUUID().toString() : id,
          kind,
          time,
          plugin,
          service,
          method,
          mode,
          cluster,
          caller,
          actor,
          operation,
          object,
          outcome,
          latency,
          intended,
          key,
          details,
          request,
          response,
          before,
          after);
    }
  }
}
