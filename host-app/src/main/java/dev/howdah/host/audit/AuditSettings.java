package dev.howdah.host.audit;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that a trail can be told.
 *
 * @param host name of this machine or Pod, the first half of the writer's identity
 * @param rules what to keep
 * @param redaction what to redact beyond the built-in rules
 * @param key signs checkpoints
 * @param file the file sink; empty for none
 * @param stdout the standard-output sink; empty for none
 * @param webhook the HTTP sink; empty for none
 * @param heads where the latest signed checkpoint is written too
 * @param queue between callers and the writer
 * @param maxPayloadBytes the longest payload kept whole; a longer one is kept as its digest and
 *     size
 * @param syncInterval the longest time until a record that nobody waits for is covered by a
 *     checkpoint and on disk
 * @param stopTimeout how long stopping may take to write what is queued
 */
public record AuditSettings(
    String host,
    AuditRules rules,
    List<RedactionRule> redaction,
    TrailKey key,
    Optional<FileSink> file,
    Optional<SinkQueue> stdout,
    Optional<WebhookSink> webhook,
    Heads heads,
    Queue queue,
    int maxPayloadBytes,
    Duration syncInterval,
    Duration stopTimeout) {

  /** Copies the list. */
  public AuditSettings {
    redaction = List.copyOf(redaction);
  }

  /**
   * The file sink.
   *
   * @param directory the trail's folder; created if absent
   * @param rotateBytes a file this long is followed by a new one
   * @param rotateAfter a file this old is followed by a new one; zero for never
   * @param keepFiles how many finished files of this writer are kept; 0 for all
   * @param keepBytes how long finished files of this writer may be together; 0 for any length
   * @param keepFor for how long a finished file is kept; zero for ever
   */
  public record FileSink(
      Path directory,
      long rotateBytes,
      Duration rotateAfter,
      int keepFiles,
      long keepBytes,
      Duration keepFor) {

    /** A folder with the defaults: 16 MiB or a day to a file, and all files kept. */
    public static FileSink in(Path directory) {
      return new FileSink(directory, 16L << 20, Duration.ofDays(1), 0, 0, Duration.ZERO);
    }
  }

  /**
   * The queue before a sink that must not hold up the others.
   *
   * @param capacity how many lines may wait
   * @param policy what happens when it is full
   */
  public record SinkQueue(int capacity, OverflowPolicy policy) {}

  /**
   * The HTTP sink: lines are posted in batches, as {@code application/x-ndjson}.
   *
   * @param url where to
   * @param secret signs each body with HMAC-SHA-256 ({@code Howdah-Signature}); empty for none
   * @param headers further headers, such as {@code Authorization}
   * @param batchLines how many lines go into one request at most
   * @param linger how long to wait for a batch to fill
   * @param timeout of one request
   * @param attempts how often a batch is tried before it counts as failed
   * @param backoff the wait after the first failed attempt; doubles, up to 30 s
   * @param queue the queue before it
   */
  public record WebhookSink(
      URI url,
      Optional<String> secret,
      Map<String, String> headers,
      int batchLines,
      Duration linger,
      Duration timeout,
      int attempts,
      Duration backoff,
      SinkQueue queue) {

    /** Copies the headers. */
    public WebhookSink {
      headers = Map.copyOf(headers);
    }

    /** A destination with the defaults. */
    public static WebhookSink to(URI url) {
      return new WebhookSink(
          url,
          Optional.empty(),
          Map.of(),
          500,
          Duration.ofSeconds(1),
          Duration.ofSeconds(10),
          8,
          Duration.ofMillis(500),
          new SinkQueue(20_000, OverflowPolicy.DROP));
    }
  }

  /**
   * Where the latest head goes besides the trail.
   *
   * @param directory a folder outside the trail, best on another disk; empty for none
   * @param stdout whether to print heads
   * @param webhook a URL to post heads to; empty for none
   * @param interval the shortest time between two heads to standard output or the webhook
   */
  public record Heads(
      Optional<Path> directory, boolean stdout, Optional<URI> webhook, Duration interval) {

    /** Nowhere: cut tails and removed writers can then not be found. */
    public static Heads none() {
      return new Heads(Optional.empty(), false, Optional.empty(), Duration.ofSeconds(10));
    }

    /** Into a folder. */
    public static Heads in(Path directory) {
      return new Heads(Optional.of(directory), false, Optional.empty(), Duration.ofSeconds(10));
    }
  }

  /**
   * The queue between callers and the writer.
   *
   * @param capacity how many records may wait
   * @param maxBytes how long they may be together
   * @param policy what happens when it is full; a durable record that is dropped fails its caller
   */
  public record Queue(int capacity, long maxBytes, OverflowPolicy policy) {}

  /** What happens when a queue is full. */
  public enum OverflowPolicy {
    /** The caller waits; nothing is lost, and a disk that hangs hangs the caller. */
    BLOCK,
    /** The new record is dropped and counted. */
    DROP
  }

  /**
   * A trail in a folder with everything else at its default.
   *
   * @param host name of this machine or Pod
   * @param key signs checkpoints
   * @param directory the trail's folder
   */
  public static AuditSettings inFolder(String host, TrailKey key, Path directory) {
    return new AuditSettings(
        host,
        AuditRules.defaults(),
        List.of(),
        key,
        Optional.of(FileSink.in(directory)),
        Optional.empty(),
        Optional.empty(),
        Heads.none(),
        new Queue(10_000, 32L << 20, OverflowPolicy.BLOCK),
        256 << 10,
        Duration.ofSeconds(1),
        Duration.ofSeconds(10));
  }

  /** With other rules. */
  public AuditSettings with(AuditRules other) {
    return new AuditSettings(
        host,
        other,
        redaction,
        key,
        file,
        stdout,
        webhook,
        heads,
        queue,
        maxPayloadBytes,
        syncInterval,
        stopTimeout);
  }

  /** With another file sink. */
  public AuditSettings with(FileSink other) {
    return new AuditSettings(
        host,
        rules,
        redaction,
        key,
        Optional.of(other),
        stdout,
        webhook,
        heads,
        queue,
        maxPayloadBytes,
        syncInterval,
        stopTimeout);
  }

  /** With heads elsewhere. */
  public AuditSettings with(Heads other) {
    return new AuditSettings(
        host,
        rules,
        redaction,
        key,
        file,
        stdout,
        webhook,
        other,
        queue,
        maxPayloadBytes,
        syncInterval,
        stopTimeout);
  }

  /** With another queue. */
  public AuditSettings with(Queue other) {
    return new AuditSettings(
        host,
        rules,
        redaction,
        key,
        file,
        stdout,
        webhook,
        heads,
        other,
        maxPayloadBytes,
        syncInterval,
        stopTimeout);
  }

  /** With an HTTP sink. */
  public AuditSettings with(WebhookSink other) {
    return new AuditSettings(
        host,
        rules,
        redaction,
        key,
        file,
        stdout,
        Optional.of(other),
        heads,
        queue,
        maxPayloadBytes,
        syncInterval,
        stopTimeout);
  }
}
