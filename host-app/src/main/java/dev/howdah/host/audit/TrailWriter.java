package dev.howdah.host.audit;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The one thread that numbers, chains and writes. It takes whatever waits as one batch; if somebody
 * waits for the disk, or the sync interval is over, the batch ends in a signed checkpoint and an
 * fdatasync, and only then are callers, other sinks and heads told.
 */
final class TrailWriter implements Runnable {

  private static final Logger log = LoggerFactory.getLogger(TrailWriter.class);

  private static final int LARGEST_BATCH = 1_000;
  private static final int REMEMBERED_KEYS = 20_000;
  private static final Duration FIRST_RETRY = Duration.ofMillis(100);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(5);

  /** About the length of a checkpoint with the name of the next file. */
  private static final int CHECKPOINT_BYTES = 700;

  private final AuditSettings settings;
  private final String name;
  private final RecordQueue queue;
  private final List<SinkLane> lanes;
  private final @Nullable HeadPublisher heads;
  private final Clock clock;
  private final SinkMeter meter;
  private final AtomicLong unsyncedSince = new AtomicLong();
  private final List<byte[]> unsent = new ArrayList<>();
  private final Set<String> keys = new LinkedHashSet<>();
  private volatile long stopBy = Long.MAX_VALUE;
  private volatile boolean stopping;
  private Chain chain;
  private @Nullable TrailFiles files;
  private boolean opened;

  TrailWriter(
      AuditSettings settings,
      String name,
      RecordQueue queue,
      List<SinkLane> lanes,
      @Nullable HeadPublisher heads,
      Clock clock,
      MeterRegistry registry) {
    this.settings = settings;
    this.name = name;
    this.queue = queue;
    this.lanes = lanes;
    this.heads = heads;
    this.clock = clock;
    this.meter = new SinkMeter(registry, "trail", this::lagNanos);
    this.chain = new Chain(name, settings.key(), 0, Chain.GENESIS, 0);
  }

  SinkMeter meter() {
    return meter;
  }

  /** Recovers the chain and writes the line that says that a process begins; before the thread. */
  void begin() throws IOException {
    ObjectNode start = JsonNodeFactory.instance.objectNode();
    start.put("time", clock.instant().toString());
    start.put("format", Chain.FORMAT);
    putKey(start);
    RecoveredChain recovered = openFiles();
    if (recovered != null) {
      describe(recovered, start);
      keys.addAll(recovered.keys());
    }
    Chain.Draft draft = chain.draft();
    beginFile(draft);
    draft.add("start", CanonicalJson.MAPPER.writeValueAsString(start));
    sync(draft, false);
    expire();
  }

  private @Nullable RecoveredChain openFiles() throws IOException {
    Optional<AuditSettings.FileSink> sink = settings.file();
    if (sink.isEmpty()) {
      return null;
    }
    RecoveredChain recovered = RecoveredChain.of(sink.get().directory(), name);
    chain =
        new Chain(
            name,
            settings.key(),
            recovered.lastSequence(),
            recovered.lastHash(),
            recovered.uncovered());
    files = TrailFiles.open(sink.get(), name, clock, recovered);
    return recovered;
  }

  /** Says what was found on disk, so that nothing is signed unseen. */
  private void describe(RecoveredChain recovered, ObjectNode start) {
    Optional<JsonNode> ahead =
        HeadPublisher.lastKnown(settings.heads(), name)
            .filter(head -> isOurs(head) && isAhead(head, recovered));
    if (recovered.tornBytes() == 0
        && recovered.uncovered() == 0
        && !recovered.damaged()
        && ahead.isEmpty()) {
      return;
    }
    ObjectNode found = start.putObject("recovered");
    found.put("after", recovered.lastSequence());
    if (recovered.tornBytes() > 0) {
      found.put("tornBytes", recovered.tornBytes());
    }
    if (recovered.uncovered() > 0) {
      found.put("unattestedFrom", recovered.lastSequence() - recovered.uncovered() + 1);
      found.put("unattestedTo", recovered.lastSequence());
    }
    if (recovered.damaged()) {
      found.put("damaged", true);
    }
    ahead.ifPresent(head -> found.put("attestedTo", head.path("seq").asLong(0)));
    log.atWarn()
        .addKeyValue("writer", name)
        .addKeyValue("recovered", found)
        .log("The audit trail was not closed cleanly; it goes on after its last whole line");
    if (ahead.isPresent() || recovered.damaged()) {
      log.atError()
          .addKeyValue("writer", name)
          .log("The audit trail has lost attested lines; run 'howdah audit verify' on it");
    }
  }

  private boolean isOurs(JsonNode head) {
    return head.path("writer").asString("").equals(name)
        && Checkpoints.signedBy(settings.key().publicKey(), head);
  }

  private static boolean isAhead(JsonNode head, RecoveredChain recovered) {
    long sequence = head.path("seq").asLong(0);
    return sequence > recovered.lastSequence()
        || (sequence == recovered.lastSequence()
            && !CanonicalJson.sha256(CanonicalJson.bytes(head)).equals(recovered.lastHash()));
  }

  /** Lets waiting for a disk that doesn't work end at some time. */
  void stopBy(long deadlineNanos) {
    stopBy = deadlineNanos;
    stopping = true;
  }

  @Override
  public void run() {
    try {
      boolean last = false;
      while (!last) {
        List<RecordQueue.Pending> batch = queue.take(LARGEST_BATCH, nanosUntilSync());
        last = queue.finished();
        write(batch, last);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      closeFiles();
    }
  }

  private long nanosUntilSync() {
    long since = unsyncedSince.get();
    if (since == 0) {
      return Duration.ofMinutes(1).toNanos();
    }
    return Math.max(0, settings.syncInterval().toNanos() - (System.nanoTime() - since));
  }

  private void write(List<RecordQueue.Pending> batch, boolean last) throws InterruptedException {
    Duration wait = FIRST_RETRY;
    while (true) {
      try {
        attempt(batch, last);
        return;
      } catch (IOException e) {
        meter.trouble("The audit trail's file can't be written.");
        log.atError()
            .addKeyValue("writer", name)
            .addKeyValue("records", batch.size())
            .setCause(e)
            .log("The audit trail's file can't be written");
        abandonFiles();
        boolean giveUp =
            settings.queue().policy() == AuditSettings.OverflowPolicy.DROP
                || (stopping && System.nanoTime() - stopBy > 0);
        if (giveUp) {
          fail(batch);
          return;
        }
        Thread.sleep(wait);
        wait = wait.multipliedBy(2);
        wait = wait.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : wait;
      }
    }
  }

  private void fail(List<RecordQueue.Pending> batch) {
    meter.failed(batch.size(), "The audit trail's file can't be written.");
    for (RecordQueue.Pending record : batch) {
      CompletableFuture<Void> written = record.written();
      if (written != null) {
        written.completeExceptionally(
            new AuditException("The audit trail's file can't be written."));
      }
    }
  }

  private void attempt(List<RecordQueue.Pending> batch, boolean last)
      throws IOException, InterruptedException {
    if (settings.file().isPresent() && files == null) {
      openFiles();
    }
    Chain.Draft draft = chain.draft();
    beginFile(draft);
    List<String> fresh = new ArrayList<>();
    int records = 0;
    boolean durable = false;
    for (RecordQueue.Pending record : batch) {
      durable |= record.written() != null;
      boolean known =
          record.key().filter(key -> keys.contains(key) || fresh.contains(key)).isPresent();
      if (!known) {
        draft.add("record", record.body());
        record.key().ifPresent(fresh::add);
        records++;
      }
    }
    if (last) {
      ObjectNode stop = JsonNodeFactory.instance.objectNode();
      stop.put("time", clock.instant().toString());
      draft.add("stop", CanonicalJson.MAPPER.writeValueAsString(stop));
    }
    if (last || durable || syncDue(draft)) {
      sync(draft, !last);
    } else if (!draft.isEmpty()) {
      append(draft);
    }
    remember(fresh);
    meter.written(records);
    for (RecordQueue.Pending record : batch) {
      CompletableFuture<Void> written = record.written();
      if (written != null) {
        written.complete(null);
      }
    }
  }

  private boolean syncDue(Chain.Draft draft) {
    long since = unsyncedSince.get();
    boolean due = since != 0 && System.nanoTime() - since >= settings.syncInterval().toNanos();
    boolean many = chain.uncovered() + draft.lines().size() >= LARGEST_BATCH;
    return due || many;
  }

  private void beginFile(Chain.Draft draft) {
    boolean needed = files == null ? !opened : files.fresh();
    if (!needed) {
      return;
    }
    ObjectNode open = JsonNodeFactory.instance.objectNode();
    open.put("time", clock.instant().toString());
    if (files != null) {
      open.put("file", files.currentName());
    }
    putKey(open);
    draft.add("open", CanonicalJson.MAPPER.writeValueAsString(open));
  }

  private void putKey(ObjectNode line) {
    line.put("keyId", settings.key().publicKey().id());
    line.put("publicKey", settings.key().publicKey().base64());
  }

  /** Writes without waiting for the disk. */
  private void append(Chain.Draft draft) throws IOException {
    if (files != null) {
      files.append(draft.block());
      files.commit(draft.bytes());
    }
    finish(draft);
    unsyncedSince.compareAndSet(0, System.nanoTime());
  }

  /** Writes, ends in a checkpoint and waits for the disk; then tells everybody. */
  private void sync(Chain.Draft draft, boolean mayRotate) throws IOException {
    if (draft.isEmpty() && chain.uncovered() == 0) {
      unsyncedSince.set(0);
      return;
    }
    boolean rotate =
        mayRotate && files != null && files.wantsRotation(draft.bytes() + CHECKPOINT_BYTES);
    Optional<String> next =
        rotate && files != null
            ? Optional.of(files.prepareNext(draft.last() + 2))
            : Optional.empty();
    draft.checkpoint(clock.instant(), next);
    if (files != null) {
      files.append(draft.block());
      files.force();
      files.commit(draft.bytes());
    }
    finish(draft);
    unsyncedSince.set(0);
    tellOthers(draft.lines().getLast());
    if (rotate) {
      rotate();
    }
  }

  /** The batch is on disk by now, so a failure here must not have it written again. */
  private void rotate() {
    try {
      if (files != null) {
        files.goOnWithNext();
      }
      expire();
    } catch (IOException e) {
      log.atError().addKeyValue("writer", name).setCause(e).log("The audit trail can't be rotated");
      abandonFiles();
    }
  }

  private void finish(Chain.Draft draft) {
    draft.commit();
    opened = true;
    if (!lanes.isEmpty()) {
      unsent.addAll(draft.lines());
    }
  }

  private void tellOthers(byte[] checkpoint) {
    if (heads != null) {
      heads.publish(checkpoint);
    }
    List<byte[]> lines = List.copyOf(unsent);
    unsent.clear();
    try {
      for (SinkLane lane : lanes) {
        lane.accept(lines);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Removes old files, once the chain holds on disk which ones and where they ended. */
  private void expire() throws IOException {
    if (files == null) {
      return;
    }
    List<Path> expired = files.expired();
    if (expired.isEmpty()) {
      return;
    }
    ObjectNode retention = JsonNodeFactory.instance.objectNode();
    retention.put("time", clock.instant().toString());
    ArrayNode removed = retention.putArray("removed");
    for (Path file : expired) {
      Optional<TrailLines.Line> last = TrailFiles.lastLine(file);
      if (last.isPresent()) {
        ObjectNode entry = removed.addObject();
        entry.put("file", String.valueOf(file.getFileName()));
        entry.put("first", TrailFileName.parse(file).orElseThrow().first());
        entry.put("last", last.get().json().map(line -> line.path("seq").asLong(0)).orElse(0L));
        entry.put("hash", CanonicalJson.sha256(last.get().bytes()));
      }
    }
    Chain.Draft draft = chain.draft();
    beginFile(draft);
    draft.add("retention", CanonicalJson.MAPPER.writeValueAsString(retention));
    sync(draft, false);
    files.remove(expired);
    log.atInfo()
        .addKeyValue("writer", name)
        .addKeyValue("files", expired.size())
        .log("Old files of the audit trail were removed");
  }

  private void remember(List<String> fresh) {
    keys.addAll(fresh);
    Iterator<String> oldest = keys.iterator();
    while (keys.size() > REMEMBERED_KEYS) {
      oldest.next();
      oldest.remove();
    }
  }

  /** After a failure only what is read from disk again can be trusted. */
  private void abandonFiles() {
    TrailFiles broken = files;
    files = null;
    if (broken == null) {
      return;
    }
    try (broken) {
      broken.rollback();
    } catch (IOException e) {
      log.atWarn().setCause(e).log("A batch that failed can't be taken back from the audit trail");
    }
  }

  private void closeFiles() {
    try (TrailFiles open = files) {
      files = null;
    } catch (IOException e) {
      log.atWarn().setCause(e).log("The audit trail's file can't be closed");
    }
  }

  private long lagNanos() {
    long since = unsyncedSince.get();
    long unsynced = since == 0 ? 0 : Math.max(0, System.nanoTime() - since);
    return Math.max(unsynced, queue.oldestNanos());
  }
}
