package dev.howdah.host.audit;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Writes the latest checkpoint of a chain to places outside the trail, so that whoever cuts the
 * trail's end, puts back an old copy or removes a writer has to reach those places, too.
 *
 * <p>Only checkpoints that are on disk come here, so a head is never ahead of an honest trail. When
 * they come faster than they can be written, the ones in between are skipped. Thread-safe.
 */
final class HeadPublisher implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(HeadPublisher.class);
  private static final Duration HISTORY_INTERVAL = Duration.ofMinutes(1);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final AuditSettings.Heads settings;
  private final String writer;
  private final PrintStream stdout;
  private final @Nullable HttpClient client;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Thread thread;
  private byte @Nullable [] latest;
  private boolean closed;
  private long lastHistory = System.nanoTime() - HISTORY_INTERVAL.toNanos();
  private long lastSent;
  private boolean sentAny;
  private volatile String problem = "";

  HeadPublisher(AuditSettings.Heads settings, String writer, PrintStream stdout) {
    this.settings = settings;
    this.writer = writer;
    this.stdout = stdout;
    this.client =
        settings.webhook().isPresent()
            ? HttpClient.newBuilder().connectTimeout(TIMEOUT).build()
            : null;
    this.thread = Thread.ofPlatform().name("audit-heads").daemon().unstarted(this::run);
  }

  /** Whether there is any place to write heads to. */
  static boolean wanted(AuditSettings.Heads settings) {
    return settings.directory().isPresent() || settings.stdout() || settings.webhook().isPresent();
  }

  /**
   * Makes the folder for heads.
   *
   * @throws AuditException if it lies in the trail, or can't be made
   */
  static void prepare(AuditSettings.Heads settings, Optional<Path> trail) {
    settings
        .directory()
        .ifPresent(
            directory -> {
              Path heads = directory.toAbsolutePath().normalize();
              if (trail.isPresent() && heads.startsWith(trail.get().toAbsolutePath().normalize())) {
                throw new AuditException(
                    "The folder for audit heads %s lies in the trail %s; who can change the one could change the other. Choose a folder elsewhere."
                        .formatted(directory, trail.get()));
              }
              try {
                Files.createDirectories(directory);
              } catch (IOException e) {
                throw new AuditException(
                    "The folder for audit heads %s can't be made.".formatted(directory), e);
              }
            });
  }

  /** The head that was last written to the folder, if any. */
  static Optional<JsonNode> lastKnown(AuditSettings.Heads settings, String writer) {
    Optional<Path> file = settings.directory().map(directory -> headFile(directory, writer));
    if (file.isEmpty() || !Files.exists(file.get())) {
      return Optional.empty();
    }
    try {
      return Optional.of(CanonicalJson.MAPPER.readTree(Files.readAllBytes(file.get())));
    } catch (IOException | JacksonException e) {
      log.atWarn()
          .addKeyValue("file", file.get())
          .setCause(e)
          .log("The last audit head can't be read; a cut of the trail's end goes unnoticed here");
      return Optional.empty();
    }
  }

  private static Path headFile(Path directory, String writer) {
    return directory.resolve("audit." + writer + ".head.json");
  }

  HeadPublisher start() {
    thread.start();
    return this;
  }

  String problem() {
    return problem;
  }

  /** Takes note of a checkpoint that is on disk; never waits. */
  void publish(byte[] checkpoint) {
    lock.lock();
    try {
      latest = checkpoint;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    byte @Nullable [] unsent = null;
    try {
      while (true) {
        byte @Nullable [] head = take(unsent != null);
        if (head != null) {
          keep(head);
          unsent = head;
        }
        boolean last = isClosed();
        if (unsent != null && (last || due())) {
          send(unsent);
          unsent = null;
        }
        if (last && head == null) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean due() {
    return !sentAny || System.nanoTime() - lastSent >= settings.interval().toNanos();
  }

  private byte @Nullable [] take(boolean somethingUnsent) throws InterruptedException {
    lock.lock();
    try {
      long left =
          somethingUnsent
              ? Math.max(1, settings.interval().toNanos() - (System.nanoTime() - lastSent))
              : HISTORY_INTERVAL.toNanos();
      while (latest == null && !closed && left > 0) {
        left = changed.awaitNanos(left);
      }
      byte @Nullable [] head = latest;
      latest = null;
      return head;
    } finally {
      lock.unlock();
    }
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  private void keep(byte[] head) {
    if (settings.directory().isEmpty()) {
      return;
    }
    Path directory = settings.directory().get();
    Path file = headFile(directory, writer);
    Path fresh = directory.resolve("audit." + writer + ".head.tmp");
    try {
      byte[] line = (Chain.text(head) + "\n").getBytes(StandardCharsets.UTF_8);
      Files.write(fresh, line);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      if (System.nanoTime() - lastHistory >= HISTORY_INTERVAL.toNanos() || isClosed()) {
        Files.write(
            directory.resolve("audit." + writer + ".heads.jsonl"),
            line,
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND);
        lastHistory = System.nanoTime();
      }
      problem = "";
    } catch (IOException e) {
      trouble("The audit heads' folder can't be written.", e);
    }
  }

  private void send(byte[] head) throws InterruptedException {
    lastSent = System.nanoTime();
    sentAny = true;
    if (settings.stdout()) {
      stdout.println(Chain.text(head));
    }
    if (client != null && settings.webhook().isPresent()) {
      post(client, settings.webhook().get(), head);
    }
  }

  private void post(HttpClient http, URI url, byte[] head) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(TIMEOUT)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(head))
            .build();
    try {
      int status = http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
      if (status / 100 == 2) {
        problem = "";
      } else {
        trouble("The webhook for audit heads answered " + status + ".", null);
      }
    } catch (IOException e) {
      trouble("The webhook for audit heads can't be reached.", e);
    }
  }

  private void trouble(String what, @Nullable Throwable cause) {
    if (problem.isEmpty()) {
      log.atError().addKeyValue("writer", writer).setCause(cause).log(what);
    }
    problem = what;
  }

  /** Writes the last head, then ends. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      if (!thread.join(TIMEOUT.multipliedBy(2))) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      thread.interrupt();
    }
  }
}
