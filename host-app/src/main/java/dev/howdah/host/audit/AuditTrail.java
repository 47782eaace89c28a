package dev.howdah.host.audit;

import dev.howdah.plugin.audit.AuditPublisher;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tamper-evident trail of one host: takes entries, keeps what the rules ask for, and answers
 * durable ones only once they are on disk.
 *
 * <p>Thread-safe. Entries are redacted by the thread that offers them; one thread numbers, chains
 * and writes, and entries that wait at the same time share one fdatasync.
 */
public final class AuditTrail implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(AuditTrail.class);

  private final AuditSettings settings;
  private final EntryRenderer renderer;
  private final RecordQueue queue;
  private final SinkMeter trailMeter;
  private final TrailWriter writer;
  private final Thread writerThread;
  private final List<SinkLane> lanes;
  private final @Nullable HeadPublisher heads;
  private final WriterIdentity identity;

  private AuditTrail(
      AuditSettings settings,
      WriterIdentity identity,
      MeterRegistry registry,
      Clock clock,
      PrintStream stdout)
      throws IOException {
    this.settings = settings;
    this.identity = identity;
    this.renderer =
        new EntryRenderer(
            new Redactor(settings.redaction(), settings.key().redactionKey()),
            settings.maxPayloadBytes());
    this.queue = new RecordQueue(settings.queue());
    this.lanes = lanes(settings, registry, stdout);
    this.heads =
        HeadPublisher.wanted(settings.heads())
            ? new HeadPublisher(settings.heads(), identity.name(), stdout)
            : null;
    this.writer = new TrailWriter(settings, identity.name(), queue, lanes, heads, clock, registry);
    this.trailMeter = writer.meter();
    this.writerThread = Thread.ofPlatform().name("audit-writer").daemon().unstarted(writer);
  }

  /**
   * Opens a trail and continues the chain that this host wrote before, if there is one.
   *
   * @param settings all that can be told
   * @param registry counts written, dropped and failed lines and their lag
   * @param clock dates lines
   * @return the trail; closing it writes what waits
   * @throws AuditException if a folder can't be used, is ephemeral though records have to be
   *     durable, or heads would lie in the trail
   */
  public static AuditTrail open(AuditSettings settings, MeterRegistry registry, Clock clock) {
    return open(settings, registry, clock, System.out);
  }

  static AuditTrail open(
      AuditSettings settings, MeterRegistry registry, Clock clock, PrintStream stdout) {
    boolean durable = settings.rules().anyDurable();
    Optional<Path> directory = settings.file().map(AuditSettings.FileSink::directory);
    if (durable && directory.isEmpty()) {
      throw new AuditException(
          "An audit rule asks for durable records, but the file sink is off. Switch it on, or set"
              + " 'durable: false'.");
    }
    directory.ifPresent(folder -> TrailFiles.prepare(folder, durable));
    HeadPublisher.prepare(settings.heads(), directory);
    WriterIdentity identity = null;
    try {
      identity =
          directory.isPresent()
              ? WriterIdentity.take(directory.get(), settings.host())
              : WriterIdentity.transientOf(settings.host());
      AuditTrail trail = new AuditTrail(settings, identity, registry, clock, stdout);
      trail.start();
      return trail;
    } catch (IOException e) {
      release(identity);
      throw new AuditException(
          "The audit trail in %s can't be opened: %s. Check the folder's permissions and free space."
              .formatted(directory.map(Path::toString).orElse("memory"), e.getMessage()),
          e);
    }
  }

  private static void release(@Nullable WriterIdentity identity) {
    try {
      if (identity != null) {
        identity.close();
      }
    } catch (IOException e) {
      log.atWarn().setCause(e).log("The audit writer's lock can't be released");
    }
  }

  private static List<SinkLane> lanes(
      AuditSettings settings, MeterRegistry registry, PrintStream stdout) {
    List<SinkLane> lanes = new ArrayList<>();
    settings
        .stdout()
        .ifPresent(
            sink ->
                lanes.add(
                    new SinkLane(
                        "stdout",
                        sink,
                        100,
                        Duration.ZERO,
                        lines -> print(lines, stdout),
                        registry)));
    settings.webhook().ifPresent(sink -> lanes.add(WebhookDelivery.lane(sink, registry)));
    return lanes;
  }

  private static void print(List<byte[]> lines, PrintStream stdout) throws IOException {
    for (byte[] line : lines) {
      stdout.println(Chain.text(line));
    }
    if (stdout.checkError()) {
      throw new IOException("Standard output can't be written.");
    }
  }

  private void start() throws IOException {
    lanes.forEach(SinkLane::start);
    if (heads != null) {
      heads.start();
    }
    writer.begin();
    writerThread.start();
  }

  /**
   * Offers an entry.
   *
   * @param entry what happened
   * @return the entry's id, and when the caller may be answered. Returns at once unless the queue
   *     is full and its policy is to block.
   */
  public AuditReceipt record(AuditEntry entry) {
    AuditRules.Decision decision = settings.rules().decide(entry);
    if (decision.level() == AuditLevel.NONE) {
      return AuditReceipt.atOnce(entry.id(), false);
    }
    CompletableFuture<Void> written = decision.durable() ? new CompletableFuture<>() : null;
    RecordQueue.Pending pending =
        new RecordQueue.Pending(
            renderer.render(entry, decision), entry.key(), written, System.nanoTime());
    return switch (queue.offer(pending)) {
      case TAKEN ->
          written == null
              ? AuditReceipt.atOnce(entry.id(), true)
              : new AuditReceipt(entry.id(), true, written);
      case FULL -> lost(entry, written, "The audit trail's queue is full.");
      case REFUSED -> lost(entry, written, "The audit trail takes no more records.");
    };
  }

  private AuditReceipt lost(
      AuditEntry entry, @Nullable CompletableFuture<Void> written, String why) {
    trailMeter.dropped(1);
    if (written == null) {
      return AuditReceipt.atOnce(entry.id(), true);
    }
    return new AuditReceipt(
        entry.id(), true, CompletableFuture.failedStage(new AuditException(why)));
  }

  /**
   * The way into this trail for one plugin.
   *
   * @param plugin the plugin's name, which its records carry
   * @param mode the host's mode
   */
  public AuditPublisher publisher(String plugin, String mode) {
    return new TrailPublisher(this, plugin, mode);
  }

  /** The writer's identity, host and instance. */
  public String writer() {
    return identity.name();
  }

  /**
   * How each sink is doing, by name: {@code trail}, {@code stdout}, {@code webhook}, {@code heads}.
   */
  public Map<String, SinkHealth> health() {
    Map<String, SinkHealth> health = new LinkedHashMap<>();
    health.put("trail", trailMeter.health());
    lanes.forEach(lane -> health.put(lane.name(), lane.health()));
    if (heads != null) {
      String problem = heads.problem();
      health.put("heads", new SinkHealth(problem.isEmpty(), problem, Duration.ZERO));
    }
    return health;
  }

  /**
   * Takes no more entries, writes those that wait, ends the chain with a line that says so, and
   * flushes every sink; gives up after the configured time.
   */
  @Override
  public void close() {
    long deadline = System.nanoTime() + settings.stopTimeout().toNanos();
    writer.stopBy(deadline);
    queue.close();
    try {
      if (!writerThread.join(left(deadline))) {
        writerThread.interrupt();
        writerThread.join(Duration.ofSeconds(1));
      }
      for (SinkLane lane : lanes) {
        lane.finish(left(deadline));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (heads != null) {
      heads.close();
    }
    release(identity);
  }

  private static Duration left(long deadline) {
    return Duration.ofNanos(Math.max(1_000_000, deadline - System.nanoTime()));
  }
}
