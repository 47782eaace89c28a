package dev.howdah.plugins.objectstore.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugins.objectstore.store.StoreException.Kind;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** Runs where the variable names a fake-gcs-server, such as {@code http://127.0.0.1:4443}. */
@EnabledIfEnvironmentVariable(named = "HOWDAH_TEST_FAKE_GCS", matches = "http.+")
class GoogleStoreTest extends StoreContract {

  private static final String ENDPOINT = System.getenv("HOWDAH_TEST_FAKE_GCS");

  @Override
  Store open() throws Exception {
    String bucket = "b" + UUID.randomUUID();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> made =
          client.send(
              HttpRequest.newBuilder(URI.create(ENDPOINT + "/storage/v1/b?project=test"))
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"" + bucket + "\"}"))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(made.statusCode()).as(made.body()).isEqualTo(200);
    }
    return GoogleStore.open(settings(bucket));
  }

  @Test
  void aMissingBucketIsAMistakeInTheSettings() throws Exception {
    try (Store missing = GoogleStore.open(settings("missing"))) {
      assertFails(Kind.MISCONFIGURED, () -> missing.list("wals/"));
    }
  }

  private static GoogleSettings settings(String bucket) {
    return new GoogleSettings(
        URI.create(ENDPOINT),
        bucket,
        "some/path",
        new GoogleSettings.Credentials.Nobody(),
        S3Settings.Timeouts.DEFAULT);
  }
}
