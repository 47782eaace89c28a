package dev.howdah.host.testing;

import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.http.Buffer;
import io.fabric8.mockwebserver.http.Dispatcher;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * An API server for tests. fabric8's mock keeps no {@code managedFields} and takes a server-side
 * apply for a merge, so Clusters are kept here: with owners of every field, conflicts, resource
 * versions, generations and a status of their own; lists are atomic, maps are not, as in
 * CloudNativePG's CRD. Everything else (Leases, ConfigMaps) is the mock's. Thread-safe.
 */
public final class ApiServer implements AutoCloseable {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String CLUSTERS = "/apis/postgresql.cnpg.io/v1/";
  private static final Set<String> IDENTITY =
      Set.of(
          "name",
          "namespace",
          "uid",
          "resourceVersion",
          "creationTimestamp",
          "generation",
          "managedFields");

  /**
   * One request.
   *
   * @param method HTTP method
   * @param path path, without the query
   * @param query the query's parameters
   * @param contentType the body's type; empty if there is none
   * @param body the body
   * @param status what was answered
   */
  public record Request(
      String method,
      String path,
      Map<String, String> query,
      String contentType,
      String body,
      int status) {

    Request answered(int code) {
      return new Request(method, path, query, contentType, body, code);
    }

    /** Whether it is a server-side apply. */
    public boolean apply() {
      return contentType.startsWith("application/apply-patch+yaml");
    }
  }

  private record Owner(String manager, String operation, String subresource) {
    Owner(String manager, String operation) {
      this(manager, operation, "");
    }
  }

  private static final class Stored {
    ObjectNode json;
    final Map<Owner, TreeSet<List<String>>> owners = new LinkedHashMap<>();
    final Map<Owner, String> times = new HashMap<>();

    Stored(ObjectNode json) {
      this.json = json;
    }
  }

  private final Map<String, Stored> clusters = new TreeMap<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final KubernetesCrudDispatcher others = new KubernetesCrudDispatcher(List.of());
  private final KubernetesMockServer server = MockApi.answering(new Doors());
  private volatile Predicate<Request> refuses = request -> false;
  private volatile int refusal = 500;
  private volatile Runnable beforeApply = () -> {};
  private long version = 1_000;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  /** Starts it on a free port. */
  public ApiServer() {
    server.init();
  }

  /** Its address. */
  public String url() {
    return server.url("/");
  }

  /** All requests so far, in order. */
  public List<Request> requests() {
    return List.copyOf(requests);
  }

  /** Server-side applies that were carried out. */
  public List<Request> applies() {
    return requests.stream().filter(it -> it.apply() && it.status() == 200).toList();
  }

  /** Answers some requests with an error from now on. */
  public void refuse(int status, Predicate<Request> which) {
    refusal = status;
    refuses = which;
  }

  /** Has something happen just before each server-side apply is carried out. */
  public void beforeApply(Runnable action) {
    beforeApply = action;
  }

  /** A user makes a Cluster, or takes over all of it. */
  public synchronized void put(String manager, ObjectNode wanted) {
    String key = key(wanted);
    Stored stored = clusters.computeIfAbsent(key, it -> new Stored(JSON.createObjectNode()));
    ObjectNode after = wanted.deepCopy();
    update(stored, new Owner(manager, "Update"), after);
  }

  /** Somebody reads a Cluster, changes it and writes it back. */
  public synchronized void update(String manager, String key, Consumer<ObjectNode> change) {
    Stored stored = stored(key);
    ObjectNode after = stored.json.deepCopy();
    change.accept(after);
    update(stored, new Owner(manager, "Update"), after);
  }

  /** Somebody sets the number of instances through the subresource for that. */
  public synchronized void scale(String manager, String key, int instances) {
    Stored stored = stored(key);
    ObjectNode after = stored.json.deepCopy();
    after.withObjectProperty("spec").put("instances", instances);
    update(stored, new Owner(manager, "Update", "scale"), after);
  }

  /** A Cluster is deleted, without finalizers. */
  public synchronized void delete(String key) {
    clusters.remove(key);
  }

  /** The operator writes the status; that is nobody's change of the definition. */
  public synchronized void status(String key, Consumer<ObjectNode> change) {
    Stored stored = stored(key);
    change.accept(stored.json.withObjectProperty("status"));
    touch(stored);
  }

  /** A Cluster as it is. */
  public synchronized ObjectNode cluster(String key) {
    return stored(key).json.deepCopy();
  }

  /** Its PostgreSQL parameters. */
  public Map<String, String> parameters(String key) {
    Map<String, String> parameters = new TreeMap<>();
    cluster(key)
        .at("/spec/postgresql/parameters")
        .properties()
        .forEach(one -> parameters.put(one.getKey(), one.getValue().asString("")));
    return parameters;
  }

  /** The parameters that a manager applied and holds. */
  public synchronized Set<String> heldBy(String manager, String key) {
    return stored(key)
        .owners
        .getOrDefault(new Owner(manager, "Apply"), new TreeSet<>(PATHS))
        .stream()
        .filter(path -> path.size() == 4 && path.get(2).equals("parameters"))
        .map(List::getLast)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Stored stored(String key) {
    return Optional.ofNullable(clusters.get(key)).orElseThrow();
  }

  private void update(Stored stored, Owner owner, ObjectNode after) {
    Map<List<String>, JsonNode> before = leaves(stored.json);
    Map<List<String>, JsonNode> now = leaves(after);
    TreeSet<List<String>> changed = new TreeSet<>(PATHS);
    now.forEach(
        (path, value) -> {
          if (!value.equals(before.get(path))) {
            changed.add(path);
          }
        });
    stored.owners.forEach(
        (other, fields) ->
            fields.removeIf(
                path ->
                    !now.containsKey(path) || (changed.contains(path) && !other.equals(owner))));
    own(stored, owner, changed);
    JsonNode identity = stored.json.path("metadata");
    long generation = identity.path("generation").asLong(0);
    boolean defined = !stored.json.path("spec").equals(after.path("spec"));
    stored.json = after;
    if (identity instanceof ObjectNode known) {
      ObjectNode metadata = after.withObjectProperty("metadata");
      IDENTITY.stream().filter(known::has).forEach(name -> metadata.set(name, known.get(name)));
    }
    if (defined) {
      after.withObjectProperty("metadata").put("generation", generation + 1);
    }
    touch(stored);
  }

  private void own(Stored stored, Owner owner, Set<List<String>> fields) {
    now = now.plusSeconds(1);
    if (!fields.isEmpty()) {
      stored.owners.computeIfAbsent(owner, it -> new TreeSet<>(PATHS)).addAll(fields);
      stored.times.put(owner, now.toString());
    }
  }

  private void touch(Stored stored) {
    stored.owners.values().removeIf(Set::isEmpty);
    ObjectNode metadata = stored.json.withObjectProperty("metadata");
    metadata.put("resourceVersion", Long.toString(++version));
    var managed = metadata.putArray("managedFields");
    stored.owners.forEach(
        (owner, fields) -> {
          ObjectNode entry = managed.addObject();
          entry.put("manager", owner.manager()).put("operation", owner.operation());
          entry.put("apiVersion", "postgresql.cnpg.io/v1").put("fieldsType", "FieldsV1");
          entry.put("time", stored.times.get(owner));
          if (!owner.subresource().isEmpty()) {
            entry.put("subresource", owner.subresource());
          }
          ObjectNode root = entry.putObject("fieldsV1");
          for (List<String> path : fields) {
            ObjectNode at = root;
            for (String step : path) {
              at = at.withObjectProperty("f:" + step);
            }
          }
        });
  }

  private synchronized Answer apply(String key, Request request) {
    Map<String, String> query = request.query();
    beforeApply.run();
    String manager = query.getOrDefault("fieldManager", "");
    if (manager.isEmpty()) {
      return Answer.error(400, "BadRequest", "fieldManager is required for apply patch");
    }
    ObjectNode wanted = (ObjectNode) JSON.readTree(request.body());
    Stored stored = clusters.get(key);
    JsonNode asked = wanted.path("metadata");
    if (stored == null) {
      return asked.has("uid")
          ? Answer.error(409, "Conflict", "uid mismatch: there is no such object")
          : Answer.error(403, "Forbidden", "cannot create resource clusters");
    }
    for (String name : List.of("uid", "resourceVersion")) {
      JsonNode is = stored.json.path("metadata").path(name);
      if (asked.has(name) && !asked.get(name).equals(is)) {
        return Answer.error(409, "Conflict", "the object has been modified: " + name);
      }
    }
    Owner owner = new Owner(manager, "Apply");
    Map<List<String>, JsonNode> fields = leaves(wanted);
    Map<List<String>, JsonNode> before = leaves(stored.json);
    boolean force = Boolean.parseBoolean(query.getOrDefault("force", "false"));
    List<String> conflicts = new ArrayList<>();
    fields.forEach(
        (path, value) ->
            stored.owners.forEach(
                (other, theirs) -> {
                  if (!other.equals(owner)
                      && theirs.contains(path)
                      && !value.equals(before.get(path))) {
                    conflicts.add("\"%s\": .%s".formatted(other.manager(), String.join(".", path)));
                  }
                }));
    if (!conflicts.isEmpty() && !force) {
      return Answer.error(409, "Conflict", "Apply failed with conflicts: " + conflicts);
    }
    TreeSet<List<String>> mine = stored.owners.getOrDefault(owner, new TreeSet<>(PATHS));
    ObjectNode was = stored.json.deepCopy();
    Map<Owner, TreeSet<List<String>>> ownersBefore = new HashMap<>();
    stored.owners.forEach((other, theirs) -> ownersBefore.put(other, new TreeSet<>(theirs)));
    for (List<String> path : mine) {
      boolean others =
          stored.owners.entrySet().stream()
              .anyMatch(it -> !it.getKey().equals(owner) && it.getValue().contains(path));
      if (!fields.containsKey(path) && !others) {
        remove(stored.json, path);
      }
    }
    fields.forEach(
        (path, value) -> {
          if (!value.equals(before.get(path))) {
            stored.owners.forEach(
                (other, theirs) -> {
                  if (!other.equals(owner)) {
                    theirs.remove(path);
                  }
                });
          }
          set(stored.json, path, value);
        });
    stored.owners.remove(owner);
    stored.owners.values().removeIf(Set::isEmpty);
    TreeSet<List<String>> held = new TreeSet<>(PATHS);
    held.addAll(fields.keySet());
    ownersBefore.values().removeIf(Set::isEmpty);
    if (!held.isEmpty()) {
      stored.owners.put(owner, held);
    }
    if (!was.equals(stored.json) || !ownersBefore.equals(stored.owners)) {
      stored.owners.remove(owner);
      own(stored, owner, held);
      if (!was.path("spec").equals(stored.json.path("spec"))) {
        long generation = was.at("/metadata/generation").asLong(0);
        stored.json.withObjectProperty("metadata").put("generation", generation + 1);
      }
      touch(stored);
    }
    return new Answer(200, stored.json.toString());
  }

  private static final Comparator<List<String>> PATHS =
      Comparator.comparing(path -> String.join("\0", path));

  /** Fields with values, without identity and status; lists are one field. */
  private static Map<List<String>, JsonNode> leaves(ObjectNode json) {
    Map<List<String>, JsonNode> leaves = new TreeMap<>(PATHS);
    collect(json, List.of(), leaves);
    leaves
        .keySet()
        .removeIf(
            path ->
                Set.of("apiVersion", "kind", "status").contains(path.getFirst())
                    || (path.getFirst().equals("metadata") && IDENTITY.contains(path.get(1))));
    return leaves;
  }

  private static void collect(JsonNode node, List<String> path, Map<List<String>, JsonNode> into) {
    if (!node.isObject() || (node.isEmpty() && !path.isEmpty())) {
      into.put(path, node);
      return;
    }
    node.properties()
        .forEach(
            field -> {
              List<String> deeper = new ArrayList<>(path);
              deeper.add(field.getKey());
              collect(field.getValue(), deeper, into);
            });
  }

  private static void remove(ObjectNode root, List<String> path) {
    JsonNode at = root;
    for (String step : path.subList(0, path.size() - 1)) {
      at = at.path(step);
    }
    if (at instanceof ObjectNode parent) {
      parent.remove(path.getLast());
    }
  }

  private static void set(ObjectNode root, List<String> path, JsonNode value) {
    ObjectNode at = root;
    for (String step : path.subList(0, path.size() - 1)) {
      at = at.withObjectProperty(step);
    }
    at.set(path.getLast(), value);
  }

  private static String key(ObjectNode json) {
    return json.at("/metadata/namespace").asString("")
        + "/"
        + json.at("/metadata/name").asString("");
  }

  @Override
  public void close() {
    server.destroy();
  }

  private record Answer(int status, String body) {
    static Answer error(int status, String reason, String message) {
      return new Answer(
          status,
          JSON.createObjectNode()
              .put("kind", "Status")
              .put("apiVersion", "v1")
              .put("status", "Failure")
              .put("code", status)
              .put("reason", reason)
              .put("message", message)
              .toString());
    }
  }

  private final class Doors extends Dispatcher {

    @Override
    public MockResponse dispatch(RecordedRequest request) {
      String target = request.getPath();
      int mark = target.indexOf('?');
      String path = mark < 0 ? target : target.substring(0, mark);
      Map<String, String> query = mark < 0 ? Map.of() : query(target.substring(mark + 1));
      // Can be read only once.
      byte[] bytes = request.getBody() == null ? new byte[0] : request.getBody().getBytes();
      Request asked = asked(request, path, query, bytes);
      MockResponse answer;
      if (refuses.test(asked)) {
        answer = response(Answer.error(refusal, "Refused", "refused by the test"));
      } else if (path.startsWith(CLUSTERS)) {
        answer = response(clusters(asked, path.substring(CLUSTERS.length())));
      } else {
        answer =
            others.dispatch(
                new RecordedRequest(
                    request.getHttpVersion(),
                    request.method(),
                    target,
                    request.getHeaders(),
                    new Buffer(bytes)));
      }
      requests.add(asked.answered(answer.code()));
      return answer;
    }

    private static Request asked(
        RecordedRequest request, String path, Map<String, String> query, byte[] body) {
      String type = request.getHeader("Content-Type");
      return new Request(
          String.valueOf(request.getMethod()),
          path,
          query,
          type == null ? "" : type,
          new String(body, StandardCharsets.UTF_8),
          0);
    }

    private Answer clusters(Request request, String path) {
      if (path.equals("clusters")) {
        return list(request.query());
      }
      String[] steps = path.split("/");
      String key = steps[1] + "/" + steps[steps.length - 1];
      return switch (request.method()) {
        case "GET" -> get(key);
        case "PATCH" ->
            request.apply()
                ? apply(key, request)
                : Answer.error(415, "UnsupportedMediaType", "only apply is known here");
        default -> Answer.error(405, "MethodNotAllowed", "not known here");
      };
    }

    private Answer get(String key) {
      synchronized (ApiServer.this) {
        Stored stored = clusters.get(key);
        return stored == null
            ? Answer.error(404, "NotFound", key + " not found")
            : new Answer(200, stored.json.toString());
      }
    }

    private Answer list(Map<String, String> query) {
      synchronized (ApiServer.this) {
        int limit = Integer.parseInt(query.getOrDefault("limit", "500"));
        int from = Integer.parseInt(query.getOrDefault("continue", "0"));
        ObjectNode list =
            JSON.createObjectNode().put("kind", "ClusterList").put("apiVersion", "v1");
        List<Stored> all = List.copyOf(clusters.values());
        int to = Math.min(all.size(), from + limit);
        all.subList(from, to).forEach(it -> list.withArrayProperty("items").add(it.json));
        list.putObject("metadata").put("continue", to < all.size() ? Integer.toString(to) : "");
        return new Answer(200, list.toString());
      }
    }

    private static MockResponse response(Answer answer) {
      return new MockResponse()
          .setResponseCode(answer.status())
          .setHeader("Content-Type", "application/json")
          .setBody(answer.body());
    }

    private static Map<String, String> query(@Nullable String text) {
      Map<String, String> query = new HashMap<>();
      for (String one : String.valueOf(text).split("&")) {
        String[] pair = one.split("=", 2);
        query.put(
            pair[0], pair.length < 2 ? "" : URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
      }
      return query;
    }
  }
}
