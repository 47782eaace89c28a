package dev.howdah.plugins.objectstore.store;

import dev.howdah.plugins.objectstore.store.GoogleRequests.Order;
import dev.howdah.plugins.objectstore.store.StoreException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An object that is being stored through a resumable session. The service takes its bytes in their
 * order, so a part waits for those before it; it takes them in multiples of 256 KiB, so what is
 * left over of a part goes with the next one. Nothing is visible before the end, and a session that
 * was given up is gone.
 */
final class GoogleUpload implements Upload {

  static final int UNIT = 256 << 10;

  private static final int INCOMPLETE = 308;
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(30);

  private final GoogleRequests requests;
  private final String key;
  private final URI session;
  private final int attempts;
  private byte[] rest = new byte[0];
  private long sent;
  private int next = 1;
  private @Nullable StoreException failure;

  GoogleUpload(GoogleRequests requests, String key, URI session, int attempts) {
    this.requests = requests;
    this.key = key;
    this.session = session;
    this.attempts = attempts;
  }

  @Override
  public synchronized void part(int number, byte[] bytes, int length) throws StoreException {
    try {
      long deadline = System.nanoTime() + LONGEST_WAIT.toNanos();
      while (next != number && failure == null) {
        if (System.nanoTime() - deadline > 0) {
          throw new StoreException(
              Kind.UNAVAILABLE, "a part of %s was waited for in vain".formatted(key), null);
        }
        wait(1000);
      }
      if (failure != null) {
        throw new StoreException(failure.kind(), String.valueOf(failure.getMessage()), failure);
      }
      append(bytes, length);
      next++;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw fail(
          new StoreException(Kind.INTERRUPTED, "the upload was given up while it waited", e));
    } catch (StoreException e) {
      throw fail(e);
    } finally {
      notifyAll();
    }
  }

  private StoreException fail(StoreException e) {
    failure = e;
    return e;
  }

  private void append(byte[] bytes, int length) throws StoreException {
    int whole = (rest.length + length) / UNIT * UNIT;
    if (whole == 0) {
      byte[] more = Arrays.copyOf(rest, rest.length + length);
      System.arraycopy(bytes, 0, more, rest.length, length);
      rest = more;
      return;
    }
    int fromPart = whole - rest.length;
    send(new Chunk(rest, bytes, fromPart), Optional.empty());
    rest = Arrays.copyOfRange(bytes, fromPart, length);
  }

  /** What was left over, and the beginning of a part, one after the other. */
  private record Chunk(byte[] before, byte[] part, int fromPart) {
    int length() {
      return before.length + fromPart;
    }

    java.net.http.HttpRequest.BodyPublisher from(int offset) {
      if (length() == offset) {
        return BodyPublishers.noBody();
      }
      int skipped = Math.min(offset, before.length);
      int skippedOfPart = offset - skipped;
      if (skipped == before.length) {
        return BodyPublishers.ofByteArray(part, skippedOfPart, fromPart - skippedOfPart);
      }
      return BodyPublishers.concat(
          BodyPublishers.ofByteArray(before, skipped, before.length - skipped),
          fromPart == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(part, 0, fromPart));
    }
  }

  // Sends a chunk, going on from where the service says it is after a fault.
  private void send(Chunk chunk, Optional<Long> total) throws StoreException {
    long begin = sent;
    Backoff backoff = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(10));
    for (int attempt = 1; ; attempt++) {
      int offset = (int) (sent - begin);
      String size = total.map(String::valueOf).orElse("*");
      String range =
          offset == chunk.length()
              ? "bytes */" + size
              : "bytes %d-%d/%s".formatted(sent, begin + chunk.length() - 1, size);
      Order order =
          new Order(
              "store a part of",
              key,
              "PUT",
              session,
              Map.of("Content-Range", range),
              () -> chunk.from(offset),
              chunk.length());
      try {
        HttpResponse<InputStream> response = requests.once(order);
        String body = GoogleRequests.drained(response);
        if (total.isPresent() && response.statusCode() < 300) {
          return;
        }
        if (response.statusCode() == INCOMPLETE) {
          long stored = stored(response);
          if (stored < sent || stored > begin + chunk.length()) {
            throw new StoreException(
                Kind.UNAVAILABLE, "the service lost a part of %s".formatted(key), null);
          }
          sent = stored;
          if (total.isEmpty() && sent == begin + chunk.length()) {
            return;
          }
        } else if (!GoogleRequests.mayHelp(response.statusCode()) || attempt >= attempts) {
          throw requests.failure(order, response.statusCode(), body);
        }
        if (attempt >= attempts) {
          throw requests.broken("store a part of", key, null);
        }
      } catch (StoreException e) {
        throw e;
      } catch (IOException e) {
        if (attempt >= attempts) {
          throw requests.broken("store a part of", key, e);
        }
        backoff.pause();
        sent = Math.max(sent, askStored(total));
        if (total.isPresent() && sent == Long.MAX_VALUE) {
          return;
        }
        continue;
      }
      if (sent == begin + offset) {
        backoff.pause();
      }
    }
  }

  /** How much the service has; {@code Long.MAX_VALUE} if the object is complete. */
  private long askStored(Optional<Long> total) throws StoreException {
    Order order =
        new Order(
            "store a part of",
            key,
            "PUT",
            session,
            Map.of("Content-Range", "bytes */" + total.map(String::valueOf).orElse("*")),
            BodyPublishers::noBody,
            0);
    try {
      HttpResponse<InputStream> response = requests.once(order);
      String body = GoogleRequests.drained(response);
      if (response.statusCode() == INCOMPLETE) {
        return stored(response);
      }
      if (total.isPresent() && response.statusCode() < 300) {
        return Long.MAX_VALUE;
      }
      throw requests.failure(order, response.statusCode(), body);
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      throw requests.broken("store a part of", key, e);
    }
  }

  private static long stored(HttpResponse<InputStream> response) {
    return response
        .headers()
        .firstValue("Range")
        .map(range -> Long.parseLong(range.substring(range.lastIndexOf('-') + 1)) + 1)
        .orElse(0L);
  }

  @Override
  public synchronized void complete() throws StoreException {
    if (failure != null) {
      throw failure;
    }
    send(new Chunk(rest, new byte[0], 0), Optional.of(sent + rest.length));
  }

  @Override
  public void abort() throws StoreException {
    try {
      // 499 is the answer to a session that was there.
      GoogleRequests.drained(
          requests.once(
              new Order("give up", key, "DELETE", session, Map.of(), BodyPublishers::noBody, 0)));
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      throw requests.broken("give up", key, e);
    }
  }
}
