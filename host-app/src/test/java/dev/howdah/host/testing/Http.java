package dev.howdah.host.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks the host's HTTP endpoints. */
public final class Http {

  private static final HttpClient CLIENT =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();
  private static final JsonMapper JSON = new JsonMapper();

  private Http() {}

  /** Whatever is there, error pages too. */
  public static HttpResponse<String> get(String uri) {
    return send(HttpRequest.newBuilder(URI.create(uri)).timeout(Duration.ofSeconds(20)).build());
  }

  /** What is there, as JSON. */
  public static JsonNode json(String uri) {
    return JSON.readTree(get(uri).body());
  }

  /** Any request. */
  public static HttpResponse<String> send(HttpRequest request) {
    try {
      return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
