package dev.howdah.plugins.objectstore.store;

import com.google.auth.oauth2.GoogleCredentials;
import dev.howdah.plugins.objectstore.store.StoreException.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Requests of Google Cloud Storage's JSON API: who we are, time-outs, repetition and what failures
 * mean. Thread-safe.
 */
final class GoogleRequests implements AutoCloseable {

  private static final String SCOPE = "https://www.googleapis.com/auth/devstorage.read_write";
  // A request with content may take this much longer for each byte: 128 KiB/s.
  private static final int SLOWEST_BYTES_PER_MILLI = 128;
  private static final int TOO_MANY = 429;
  private static final int REQUEST_TIMEOUT = 408;
  private static final int SERVER_ERRORS = 500;

  private final GoogleSettings settings;
  private final String location;
  private final HttpClient client;
  private final Optional<GoogleCredentials> credentials;

  private GoogleRequests(
      GoogleSettings settings, String location, Optional<GoogleCredentials> credentials) {
    this.settings = settings;
    this.location = location;
    this.credentials = credentials;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(settings.timeouts().connect())
            .build();
  }

  /**
   * Prepares to send requests; nothing is sent yet.
   *
   * @throws StoreException of kind {@code MISCONFIGURED} if the credentials can't be read
   */
  static GoogleRequests open(GoogleSettings settings, String location) throws StoreException {
    try {
      Optional<GoogleCredentials> credentials =
          switch (settings.credentials()) {
            case GoogleSettings.Credentials.Nobody nobody -> Optional.empty();
            case GoogleSettings.Credentials.Environment environment ->
                Optional.of(GoogleCredentials.getApplicationDefault().createScoped(SCOPE));
            case GoogleSettings.Credentials.Key key ->
                Optional.of(
                    GoogleCredentials.fromStream(
                            new ByteArrayInputStream(key.json().getBytes(StandardCharsets.UTF_8)))
                        .createScoped(SCOPE));
          };
      return new GoogleRequests(settings, location, credentials);
    } catch (IOException e) {
      throw new StoreException(
          Kind.MISCONFIGURED,
          "googleCredentials can't be used: they are no key of a service account, and the"
              + " environment offers no identity",
          e);
    }
  }

  /**
   * What is asked of the service.
   *
   * @param verb what is to be done, such as {@code read}, for messages
   * @param key with which object
   * @param method HTTP's
   * @param uri where
   * @param headers beside those that say who we are
   * @param body made anew for each attempt
   * @param length of the body in bytes
   */
  record Order(
      String verb,
      String key,
      String method,
      URI uri,
      Map<String, String> headers,
      Supplier<BodyPublisher> body,
      long length) {

    static Order get(String verb, String key, URI uri) {
      return new Order(verb, key, "GET", uri, Map.of(), HttpRequest.BodyPublishers::noBody, 0);
    }
  }

  /** The address of a path below the endpoint, with parameters that aren't empty. */
  URI uri(String path, String... parameters) {
    StringBuilder text = new StringBuilder(settings.endpoint().toString()).append(path);
    char separator = '?';
    for (int i = 0; i < parameters.length; i += 2) {
      if (!parameters[i + 1].isEmpty()) {
        text.append(separator).append(parameters[i]).append('=').append(encoded(parameters[i + 1]));
        separator = '&';
      }
    }
    return URI.create(text.toString());
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /**
   * Sends a request, again if that may help.
   *
   * @throws StoreException if the answer isn't one of success
   */
  HttpResponse<InputStream> send(Order order) throws StoreException {
    Backoff backoff = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(10));
    for (int attempt = 1; ; attempt++) {
      boolean last = attempt >= settings.timeouts().attempts();
      try {
        HttpResponse<InputStream> response = once(order);
        int status = response.statusCode();
        if (status < 300) {
          return response;
        }
        StoreException failure = failure(order, status, drained(response));
        if (last || !mayHelp(status)) {
          throw failure;
        }
      } catch (StoreException e) {
        throw e;
      } catch (IOException e) {
        if (last) {
          throw broken(order.verb(), order.key(), e);
        }
      }
      backoff.pause();
    }
  }

  static boolean mayHelp(int status) {
    return status == REQUEST_TIMEOUT || status == TOO_MANY || status >= SERVER_ERRORS;
  }

  /** Sends a request once, and returns whatever is answered. */
  HttpResponse<InputStream> once(Order order) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(order.uri())
            .timeout(
                settings.timeouts().attempt().plusMillis(order.length() / SLOWEST_BYTES_PER_MILLI))
            .method(order.method(), order.body().get());
    order.headers().forEach(request::header);
    if (credentials.isPresent()) {
      for (Map.Entry<String, List<String>> header : identity(order).entrySet()) {
        header.getValue().forEach(value -> request.header(header.getKey(), value));
      }
    }
    try {
      return client.send(request.build(), BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException(
          Kind.INTERRUPTED,
          "can't %s %s in %s: it was given up".formatted(order.verb(), order.key(), location),
          e);
    }
  }

  private Map<String, List<String>> identity(Order order) throws StoreException {
    try {
      return credentials.orElseThrow().getRequestMetadata(order.uri());
    } catch (IOException e) {
      throw new StoreException(
          Kind.UNAVAILABLE,
          "can't %s %s in %s: Google gives no token for googleCredentials"
              .formatted(order.verb(), order.key(), location),
          e);
    }
  }

  static String drained(HttpResponse<InputStream> response) throws IOException {
    try (InputStream body = response.body()) {
      return new String(body.readNBytes(1 << 16), StandardCharsets.UTF_8);
    }
  }

  StoreException broken(String verb, String key, @Nullable IOException e) {
    return new StoreException(
        Kind.UNAVAILABLE,
        "can't %s %s in %s: %s can't be reached or broke off"
            .formatted(verb, key, location, settings.endpoint()),
        e);
  }

  StoreException failure(Order order, int status, String body) {
    String because =
        "can't %s %s in %s: HTTP %d".formatted(order.verb(), order.key(), location, status);
    return switch (status) {
      case 404 ->
          order.verb().equals("list") || body.contains("bucket does not exist")
              ? new StoreException(
                  Kind.MISCONFIGURED,
                  "the bucket %s doesn't exist; create it or correct destinationPath"
                      .formatted(settings.bucket()),
                  null)
              : new StoreException(Kind.NOT_FOUND, because, null);
      case 412 ->
          order.verb().equals("read")
              ? new StoreException(
                  Kind.CHANGED, order.key() + " was replaced while it was read", null)
              : exists(order.key());
      case 401, 403 ->
          new StoreException(
              Kind.DENIED, because + "; check googleCredentials and what they may do", null);
      case 400, 405, 411, 416 -> new StoreException(Kind.MISCONFIGURED, because, null);
      default -> new StoreException(Kind.UNAVAILABLE, because, null);
    };
  }

  StoreException exists(String key) {
    return new StoreException(Kind.EXISTS, "%s has %s already".formatted(location, key), null);
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
