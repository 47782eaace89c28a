package dev.howdah.host.audit;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Posts batches of lines to a URL, again and again until they are taken. A receiver may see a batch
 * twice, when an answer got lost; {@code Howdah-Batch} (the SHA-256 of the body) and the lines' own
 * numbers tell.
 *
 * <p>Tried again are failed connections, time-outs and the answers 408, 429 and 5xx. Any other
 * answer but 2xx says that this request will never do.
 */
final class WebhookDelivery implements SinkLane.Delivery {

  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  private final AuditSettings.WebhookSink settings;
  private final HttpClient client;
  private final Consumer<String> onTrouble;

  /** The way of lines to a webhook. */
  static SinkLane lane(AuditSettings.WebhookSink settings, MeterRegistry registry) {
    // Delivery and lane know each other: failed attempts show in the lane's health.
    AtomicReference<@Nullable SinkLane> lane = new AtomicReference<>();
    Consumer<String> trouble =
        problem -> {
          SinkLane made = lane.get();
          if (made != null) {
            made.trouble(problem);
          }
        };
    SinkLane made =
        new SinkLane(
            "webhook",
            settings.queue(),
            settings.batchLines(),
            settings.linger(),
            new WebhookDelivery(settings, trouble),
            registry);
    lane.set(made);
    return made;
  }

  private WebhookDelivery(AuditSettings.WebhookSink settings, Consumer<String> onTrouble) {
    this.settings = settings;
    this.onTrouble = onTrouble;
    this.client =
        HttpClient.newBuilder()
            .connectTimeout(settings.timeout())
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
  }

  @Override
  public void deliver(List<byte[]> lines) throws IOException, InterruptedException {
    byte[] body = body(lines);
    HttpRequest request = request(body);
    Duration wait = settings.backoff();
    String problem = "";
    for (int attempt = 1; attempt <= settings.attempts(); attempt++) {
      try {
        int status = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        if (status / 100 == 2) {
          return;
        }
        problem = "The audit webhook answered " + status + ".";
        if (!worthTrying(status)) {
          throw new RefusedException(problem);
        }
      } catch (RefusedException e) {
        throw e;
      } catch (IOException e) {
        problem = "The audit webhook can't be reached.";
      }
      onTrouble.accept(problem);
      if (attempt < settings.attempts()) {
        Thread.sleep(jittered(wait));
        wait = min(wait.multipliedBy(2));
      }
    }
    throw new IOException(problem);
  }

  private HttpRequest request(byte[] body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(settings.url())
            .timeout(settings.timeout())
            .header("Content-Type", "application/x-ndjson")
            .header("Howdah-Batch", CanonicalJson.sha256(body))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    settings.headers().forEach(request::header);
    settings
        .secret()
        .ifPresent(secret -> request.header("Howdah-Signature", "sha256=" + hmac(secret, body)));
    return request.build();
  }

  private static byte[] body(List<byte[]> lines) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (byte[] line : lines) {
      body.writeBytes(line);
      body.write('\n');
    }
    return body.toByteArray();
  }

  static String hmac(String secret, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This Java has no HMAC with SHA-256.", e);
    }
  }

  private static boolean worthTrying(int status) {
    return status == 408 || status == 429 || status / 100 == 5;
  }

  private static Duration jittered(Duration wait) {
    double factor = 0.5 + ThreadLocalRandom.current().nextDouble() / 2;
    return Duration.ofNanos((long) (wait.toNanos() * factor));
  }

  private static Duration min(Duration wait) {
    return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
  }

  /** The receiver won't ever take this request. */
  private static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
      super(message);
    }
  }
}
