package dev.howdah.plugins.objectstore.store;

import dev.howdah.plugins.objectstore.store.GoogleRequests.Order;
import dev.howdah.plugins.objectstore.store.StoreException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A bucket of Google Cloud Storage, through its JSON API. Tags become metadata, as with Barman. */
public final class GoogleStore implements Store {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String BOUNDARY = "howdah-part-of-an-upload";

  private final GoogleSettings settings;
  private final String root;
  private final GoogleRequests requests;

  private GoogleStore(GoogleSettings settings) throws StoreException {
    this.settings = settings;
    this.root = settings.path().isEmpty() ? "" : settings.path() + "/";
    this.requests = GoogleRequests.open(settings, location());
  }

  /**
   * Opens a bucket; nothing is sent yet.
   *
   * @throws StoreException of kind {@code MISCONFIGURED} if the settings can't be right
   */
  public static GoogleStore open(GoogleSettings settings) throws StoreException {
    return new GoogleStore(settings);
  }

  @Override
  public String location() {
    return "gs://" + settings.bucket() + (settings.path().isEmpty() ? "" : "/" + settings.path());
  }

  @Override
  public PartLimits partLimits() {
    return new PartLimits(GoogleUpload.UNIT, 1 << 30, Integer.MAX_VALUE);
  }

  @Override
  public Optional<StoredObject> find(String key) throws StoreException {
    try {
      return Optional.of(described(key, json("look up", key, requests.uri(objectPath(key)))));
    } catch (StoreException e) {
      if (e.kind() == Kind.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  @Override
  public Download read(String key, long offset, @Nullable String version) throws StoreException {
    StoredObject object = unchanged(key, version);
    Order order =
        new Order(
            "read",
            key,
            "GET",
            requests.uri(objectPath(key), "alt", "media", "generation", object.version()),
            offset > 0 ? Map.of("Range", "bytes=" + offset + "-") : Map.of(),
            BodyPublishers::noBody,
            object.size());
    try {
      return new Download(object, requests.send(order).body());
    } catch (StoreException e) {
      // It was there a moment ago, so somebody replaced it.
      if (e.kind() == Kind.NOT_FOUND) {
        throw new StoreException(Kind.CHANGED, key + " was replaced while it was read", e);
      }
      throw e;
    }
  }

  @Override
  public void list(String prefix, Visitor visitor) throws StoreException {
    String page = "";
    do {
      JsonNode answer =
          json(
              "list",
              prefix,
              requests.uri(bucketPath(), "prefix", root + prefix, "pageToken", page));
      for (JsonNode item : answer.path("items")) {
        String name = item.path("name").asString("");
        if (!name.endsWith("/") && !visitor.visit(described(name.substring(root.length()), item))) {
          return;
        }
      }
      page = answer.path("nextPageToken").asString("");
    } while (!page.isEmpty());
  }

  @Override
  public List<String> folders(String folder) throws StoreException {
    String prefix = root + Keys.checkedFolder(folder);
    List<String> names = new ArrayList<>();
    String page = "";
    do {
      JsonNode answer =
          json(
              "list",
              folder,
              requests.uri(bucketPath(), "prefix", prefix, "delimiter", "/", "pageToken", page));
      for (JsonNode common : answer.path("prefixes")) {
        String name = common.asString("").substring(prefix.length());
        names.add(name.substring(0, name.length() - 1));
      }
      page = answer.path("nextPageToken").asString("");
    } while (!page.isEmpty());
    return List.copyOf(names);
  }

  private JsonNode json(String verb, String key, URI uri) throws StoreException {
    try (InputStream body = requests.send(Order.get(verb, key, uri)).body()) {
      return JSON.readTree(body.readAllBytes());
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      throw requests.broken(verb, key, e);
    } catch (JacksonException e) {
      throw requests.broken(verb, key, new IOException(e));
    }
  }

  @Override
  public void put(String key, Content content, WriteOptions options) throws StoreException {
    byte[] head =
        ("--%s\r\nContent-Type: application/json\r\n\r\n%s\r\n--%s\r\nContent-Type:"
                + " application/octet-stream\r\n\r\n")
            .formatted(BOUNDARY, metadata(key, options), BOUNDARY)
            .getBytes(java.nio.charset.StandardCharsets.UTF_8);
    byte[] tail =
        "\r\n--%s--\r\n".formatted(BOUNDARY).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    Order order =
        new Order(
            "store",
            key,
            "POST",
            uploadUri("multipart", options),
            Map.of("Content-Type", "multipart/related; boundary=" + BOUNDARY),
            () -> {
              BodyPublisher before = BodyPublishers.ofByteArray(head);
              BodyPublisher after = BodyPublishers.ofByteArray(tail);
              return content.length() == 0
                  ? BodyPublishers.concat(before, after)
                  : BodyPublishers.concat(
                      before,
                      BodyPublishers.fromPublisher(
                          BodyPublishers.ofInputStream(() -> opened(content)), content.length()),
                      after);
            },
            content.length());
    try {
      GoogleRequests.drained(requests.send(order));
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      throw requests.broken("store", key, e);
    }
  }

  private static InputStream opened(Content content) {
    try {
      return content.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Upload upload(String key, int partSize, WriteOptions options) throws StoreException {
    String metadata = metadata(key, options);
    Order order =
        new Order(
            "begin to store",
            key,
            "POST",
            uploadUri("resumable", options),
            Map.of("Content-Type", "application/json; charset=UTF-8"),
            () -> BodyPublishers.ofString(metadata),
            metadata.length());
    HttpResponse<InputStream> response = requests.send(order);
    try {
      GoogleRequests.drained(response);
    } catch (IOException e) {
      throw requests.broken("begin to store", key, e);
    }
    URI session =
        response
            .headers()
            .firstValue("Location")
            .map(URI::create)
            .orElseThrow(() -> requests.broken("begin to store", key, null));
    return new GoogleUpload(requests, key, session, settings.timeouts().attempts());
  }

  private URI uploadUri(String type, WriteOptions options) {
    return requests.uri(
        "/upload" + bucketPath(),
        "uploadType",
        type,
        "ifGenerationMatch",
        options.onlyIfAbsent() ? "0" : "");
  }

  private String metadata(String key, WriteOptions options) {
    ObjectNode metadata = JSON.createObjectNode().put("name", root + Keys.checked(key));
    if (!options.tags().isEmpty()) {
      ObjectNode tags = metadata.putObject("metadata");
      new LinkedHashMap<>(options.tags()).forEach(tags::put);
    }
    return metadata.toString();
  }

  @Override
  public void delete(Collection<String> keys) throws StoreException {
    List<String> all = List.copyOf(keys);
    for (int from = 0; from < all.size(); from += GoogleBatch.MOST) {
      List<String> batch = all.subList(from, Math.min(all.size(), from + GoogleBatch.MOST));
      // One by one those for which a failure may have a reason, or may pass.
      for (String left : batch.size() == 1 ? batch : deleteTogether(batch)) {
        deleteAlone(left);
      }
    }
  }

  private List<String> deleteTogether(List<String> keys) throws StoreException {
    GoogleBatch batch = new GoogleBatch("DELETE", keys.stream().map(this::objectPath).toList());
    Order order =
        new Order(
            "delete in",
            settings.path(),
            "POST",
            requests.uri("/batch/storage/v1"),
            Map.of("Content-Type", batch.contentType()),
            () -> BodyPublishers.ofByteArray(batch.body()),
            batch.body().length);
    try {
      HttpResponse<InputStream> answer = requests.once(order);
      return batch.undone(answer).stream().map(keys::get).toList();
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      // Whatever was lost, the single requests find out, and are repeated.
      return keys;
    }
  }

  private void deleteAlone(String key) throws StoreException {
    Order order =
        new Order(
            "delete",
            key,
            "DELETE",
            requests.uri(objectPath(key)),
            Map.of(),
            BodyPublishers::noBody,
            0);
    try {
      GoogleRequests.drained(requests.send(order));
    } catch (StoreException e) {
      if (e.kind() != Kind.NOT_FOUND) {
        throw e;
      }
    } catch (IOException e) {
      throw requests.broken("delete", key, e);
    }
  }

  private String bucketPath() {
    return "/storage/v1/b/" + GoogleRequests.encoded(settings.bucket()) + "/o";
  }

  private String objectPath(String key) {
    return bucketPath() + "/" + GoogleRequests.encoded(root + Keys.checked(key));
  }

  private static StoredObject described(String key, JsonNode item) {
    return new StoredObject(
        key,
        Long.parseLong(item.path("size").asString("0")),
        time(item.path("updated").asString("")),
        item.path("generation").asString(""));
  }

  private static Instant time(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      return Instant.EPOCH;
    }
  }

  @Override
  public void close() {
    requests.close();
  }
}
