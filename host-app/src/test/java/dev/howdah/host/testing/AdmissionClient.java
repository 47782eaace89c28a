package dev.howdah.host.testing;

import dev.howdah.host.EmbeddedHost;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Asks a host's admission webhooks as the Kubernetes API server does. Thread-safe. */
public final class AdmissionClient implements AutoCloseable {

  private static final JsonMapper JSON = new JsonMapper();

  private final HttpClient client;
  private final String base;

  /** Makes one that trusts the host's development authority. */
  public AdmissionClient(EmbeddedHost host) {
    this(host.admissionBase(), host.tlsFile("ca.crt"));
  }

  /** Makes one that trusts the certificates of a file. */
  public AdmissionClient(String base, Path authorities) {
    this.base = base;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(trusting(authorities))
            .connectTimeout(Duration.ofSeconds(10))
            .build();
  }

  private static SSLContext trusting(Path authorities) {
    try (InputStream in = Files.newInputStream(authorities)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry(UUID.randomUUID().toString(), certificate);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A review of a Cluster, as somebody called jane asks for it; change it at will. */
  public static ObjectNode review(String operation, ObjectNode object, ObjectNode before) {
    ObjectNode known = object == null ? before : object;
    ObjectNode review = JsonNodeFactory.instance.objectNode();
    review.put("kind", "AdmissionReview").put("apiVersion", "admission.k8s.io/v1");
    ObjectNode request = review.putObject("request");
    request.put("uid", UUID.randomUUID().toString());
    request
        .putObject("kind")
        .put("group", "postgresql.cnpg.io")
        .put("version", "v1")
        .put("kind", "Cluster");
    request
        .putObject("resource")
        .put("group", "postgresql.cnpg.io")
        .put("version", "v1")
        .put("resource", "clusters");
    request.put("name", known.at("/metadata/name").asString());
    request.put("namespace", known.at("/metadata/namespace").asString());
    request.put("operation", operation);
    ObjectNode user = request.putObject("userInfo");
    user.put("username", "jane@example.com").put("uid", "u-17");
    user.putArray("groups").add("dba").add("system:authenticated");
    request.set("object", object == null ? request.nullNode() : object);
    request.set("oldObject", before == null ? request.nullNode() : before);
    request.put("dryRun", false);
    return review;
  }

  /** Posts a review for validation and returns the response. */
  public JsonNode validate(ObjectNode review) {
    return response("/admission/validate", review);
  }

  /** Posts the review of a creation. */
  public JsonNode create(ObjectNode object) {
    return validate(review("CREATE", object, null));
  }

  /** Posts the review of a change. */
  public JsonNode update(ObjectNode before, Consumer<ObjectNode> change) {
    ObjectNode after = before.deepCopy();
    change.accept(after);
    return validate(review("UPDATE", after, before));
  }

  /** Posts a review for completion and returns the response. */
  public JsonNode mutate(ObjectNode review) {
    return response("/admission/mutate", review);
  }

  /** The patch in a response. */
  public static JsonNode patch(JsonNode response) {
    return JSON.readTree(Base64.getDecoder().decode(response.path("patch").asString()));
  }

  private JsonNode response(String path, ObjectNode review) {
    HttpResponse<String> answer =
        post(path + "?timeout=10s", "application/json", JSON.writeValueAsString(review));
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(answer.statusCode() + ": " + answer.body());
    }
    JsonNode json = JSON.readTree(answer.body());
    if (!json.at("/response/uid").equals(review.at("/request/uid"))) {
      throw new IllegalStateException("The answer is to another review: " + answer.body());
    }
    return json.path("response");
  }

  /** Posts anything. */
  public HttpResponse<String> post(String path, String contentType, String body) {
    return send(
        HttpRequest.newBuilder(URI.create(base + path))
            .header("Content-Type", contentType)
            .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8)));
  }

  /** Sends anything. */
  public HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return client.send(
          request.timeout(Duration.ofSeconds(30)).build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The warnings of a response. */
  public static List<String> warnings(JsonNode response) {
    return response.path("warnings").valueStream().map(JsonNode::asString).toList();
  }

  @Override
  public void close() {
    client.close();
  }
}
