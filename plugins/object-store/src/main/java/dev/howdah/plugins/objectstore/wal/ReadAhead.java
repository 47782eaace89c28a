package dev.howdah.plugins.objectstore.wal;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.layout.WalSegment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches the segments that replay will want next into a spool directory, all the time and not in
 * batches: each segment that is taken makes room for one more. What is missing or fails is not
 * remembered, so that it is looked for again when it is wanted. Thread-safe.
 */
final class ReadAhead implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ReadAhead.class);

  private final WalFetcher fetcher;
  private final Path spool;
  private final ExecutorService threads;
  private final Map<Wanted, Ahead> window = new HashMap<>();
  private final AtomicLong files = new AtomicLong();

  ReadAhead(WalFetcher fetcher, Path spool, int threads) {
    this.fetcher = fetcher;
    this.spool = spool;
    this.threads =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().daemon().name("wal-restore-", 1).factory());
  }

  private record Wanted(String archive, WalSegment segment) {}

  /**
   * A segment on its way. Whether it arrives or is dropped is decided once, by its file's future:
   * so there is always one who removes what nobody wants.
   *
   * @param file the file, once it is whole; cancelled if it fails or is dropped
   * @param work what fetches it
   */
  private record Ahead(CompletableFuture<Path> file, Future<?> work) {}

  /**
   * Takes a segment that was fetched ahead, waiting for it if it is on its way.
   *
   * @return the file, which is the caller's from now on; empty if it wasn't fetched
   */
  Optional<Path> take(Archive archive, WalSegment segment) throws IOException {
    Ahead ahead;
    synchronized (this) {
      ahead = window.remove(new Wanted(archive.location(), segment));
    }
    if (ahead == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(ahead.file().get());
    } catch (InterruptedException e) {
      drop(ahead);
      Thread.currentThread().interrupt();
      throw new IOException("restoring was given up", e);
    } catch (CancellationException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a file that is read ahead arrives or is cancelled", e);
    }
  }

  /** Makes the window begin after a segment, and drops what is no longer in it. */
  synchronized void follow(
      Archive archive, WalSegment current, long segmentSize, Optional<String> systemId, int width) {
    Iterator<Map.Entry<Wanted, Ahead>> entries = window.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<Wanted, Ahead> entry = entries.next();
      Wanted wanted = entry.getKey();
      boolean ours = wanted.archive().equals(archive.location());
      boolean inside =
          wanted.segment().timeline() == current.timeline()
              && wanted.segment().number() > current.number()
              && wanted.segment().number() <= current.number() + width;
      if (ours && !inside) {
        entries.remove();
        drop(entry.getValue());
      }
    }
    WalSegment next = current;
    for (int i = 0; i < width; i++) {
      next = next.next();
      Wanted wanted = new Wanted(archive.location(), next);
      Ahead known = window.get(wanted);
      if (known == null || known.file().isCancelled()) {
        window.put(wanted, begin(archive, WalName.parse(next.name(segmentSize)), systemId));
      }
    }
  }

  private Ahead begin(Archive archive, WalName name, Optional<String> systemId) {
    CompletableFuture<Path> file = new CompletableFuture<>();
    return new Ahead(file, threads.submit(() -> fetch(archive, name, systemId, file)));
  }

  private void fetch(
      Archive archive, WalName name, Optional<String> systemId, CompletableFuture<Path> arrival) {
    Path file = spool.resolve("ahead-" + files.incrementAndGet());
    boolean arrived = false;
    try {
      fetcher.fetch(archive, name, systemId, file);
      arrived = arrival.complete(file);
    } catch (IOException | RuntimeException e) {
      log.atDebug()
          .addKeyValue("wal", name.name())
          .setCause(e)
          .log("WAL could not be fetched ahead; it will be looked for when wanted");
    } finally {
      if (!arrived) {
        remove(file);
        arrival.cancel(false);
      }
    }
  }

  private static void drop(Ahead ahead) {
    if (ahead.file().cancel(false)) {
      ahead.work().cancel(true);
    } else {
      remove(ahead.file().resultNow());
    }
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      log.atWarn().setCause(e).log("A file of the spool directory can't be removed");
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    synchronized (this) {
      window.values().forEach(ReadAhead::drop);
      window.clear();
    }
  }
}
