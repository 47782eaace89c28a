package dev.howdah.plugins.objectstore.backup;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/**
 * Has the files of PGDATA or of one tablespace read and compressed by several threads, each into
 * tar archives of its own. Directories and links go into the first archive, for those who restore
 * one after the other; it is written last, since one that stays open takes a buffer from the
 * threads. For one thread.
 */
final class ParallelTars implements AutoCloseable {

  private static final int WAITING = 256;
  private static final long LOOK_MILLIS = Duration.ofMillis(200).toMillis();

  private final TarDestination to;
  private final int first;
  private final List<TarArchiveEntry> withoutContent = new ArrayList<>();
  private final BlockingQueue<Optional<FoundFile>> waiting = new ArrayBlockingQueue<>(WAITING);
  private final ExecutorService threads;
  private final List<Future<?>> readers = new ArrayList<>();

  /** Begins with as many threads as the settings have jobs. */
  ParallelTars(TarDestination to) {
    this.to = to;
    this.first = to.archives().getAndIncrement();
    int jobs = to.settings().jobs();
    this.threads =
        Executors.newFixedThreadPool(
            jobs, Thread.ofPlatform().daemon().name("backup-read-", 1).factory());
    for (int i = 0; i < jobs; i++) {
      readers.add(
          threads.submit(
              () -> {
                readFiles();
                return null;
              }));
    }
  }

  private record FoundFile(String path, Path file) {}

  private void readFiles() throws IOException, InterruptedException {
    try (TarParts own = new TarParts(to)) {
      for (Optional<FoundFile> next = waiting.take(); next.isPresent(); next = waiting.take()) {
        own.file(next.get().path(), next.get().file());
      }
      own.finish();
    }
  }

  /** Stores a directory, without what it holds. */
  void directory(String path, Path directory) throws IOException {
    withoutContent.add(TarParts.directory(path, directory));
  }

  /** Stores a symbolic link. */
  void link(String path, Path link) throws IOException {
    withoutContent.add(TarParts.link(path, link));
  }

  /** Has a file stored as soon as a thread gets to it. */
  void file(String path, Path file) throws IOException {
    hand(Optional.of(new FoundFile(path, file)));
  }

  private void hand(Optional<FoundFile> next) throws IOException {
    try {
      while (!waiting.offer(next, LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        to.progress().check();
        throwFailure();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      to.progress().check();
    }
  }

  // Whoever reads no more leaves the others' files to wait for ever.
  private void throwFailure() throws IOException {
    for (Future<?> reader : readers) {
      if (reader.isDone()) {
        await(reader);
      }
    }
  }

  /** Makes all archives visible. */
  void complete() throws IOException {
    for (Future<?> ignored : readers) {
      hand(Optional.empty());
    }
    for (Future<?> reader : readers) {
      await(reader);
    }
    try (TarParts parts = new TarParts(to, first)) {
      // There even if it holds nothing.
      parts.begin();
      for (TarArchiveEntry entry : withoutContent) {
        parts.entry(entry);
      }
      parts.finish();
    }
  }

  private void await(Future<?> reader) throws IOException {
    try {
      reader.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      to.progress().check();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IllegalStateException("a file could not be read", e);
    }
  }

  @Override
  public void close() {
    // Interrupts only those that are still at work, which is after a failure.
    threads.shutdownNow();
    threads.close();
  }
}
