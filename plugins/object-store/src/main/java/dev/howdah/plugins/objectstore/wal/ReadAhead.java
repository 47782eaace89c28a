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
  private final Map<Wanted, Future<Path>> window = new HashMap<>();
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
   * Takes a segment that was fetched ahead, waiting for it if it is on its way.
   *
   * @return the file, which is the caller's from now on; empty if it wasn't fetched
   */
  Optional<Path> take(Archive archive, WalSegment segment) throws IOException {
    Future<Path> future;
    synchronized (this) {
      future = window.remove(new Wanted(archive.location(), segment));
    }
    if (future == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(future.get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("restoring was given up", e);
    } catch (ExecutionException | CancellationException e) {
      return Optional.empty();
    }
  }

  /** Makes the window begin after a segment, and drops what is no longer in it. */
  synchronized void follow(
      Archive archive, WalSegment current, long segmentSize, Optional<String> systemId, int width) {
    Iterator<Map.Entry<Wanted, Future<Path>>> entries = window.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<Wanted, Future<Path>> entry = entries.next();
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
      Future<Path> known = window.get(wanted);
      if (known == null || failed(known)) {
        WalName name = WalName.parse(next.name(segmentSize));
        window.put(wanted, threads.submit(() -> fetch(archive, name, systemId)));
      }
    }
  }

  private static boolean failed(Future<Path> future) {
    return switch (future.state()) {
      case RUNNING, SUCCESS -> false;
      case FAILED, CANCELLED -> true;
    };
  }

  private Path fetch(Archive archive, WalName name, Optional<String> systemId) throws IOException {
    Path file = spool.resolve("ahead-" + files.incrementAndGet());
    try {
      fetcher.fetch(archive, name, systemId, file);
      return file;
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(file);
      log.atDebug()
          .addKeyValue("wal", name.name())
          .setCause(e)
          .log("WAL could not be fetched ahead; it will be looked for when wanted");
      throw e;
    }
  }

  private void drop(Future<Path> future) {
    if (!future.cancel(true) && future.state() == Future.State.SUCCESS) {
      try {
        Files.deleteIfExists(future.resultNow());
      } catch (IOException e) {
        log.atWarn().setCause(e).log("A file of the spool directory can't be removed");
      }
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    synchronized (this) {
      window.values().forEach(this::drop);
      window.clear();
    }
  }
}
