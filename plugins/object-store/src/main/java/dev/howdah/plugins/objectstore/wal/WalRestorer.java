package dev.howdah.plugins.objectstore.wal;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.layout.WalHeader;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.layout.WalSegment;
import dev.howdah.plugins.objectstore.store.Backoff;
import dev.howdah.plugins.objectstore.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts WAL files where PostgreSQL wants them, whole or not at all: the file appears under its name
 * only after it was checked and flushed to the disk. Thread-safe.
 */
public final class WalRestorer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(WalRestorer.class);
  private static final String UNFINISHED = ".howdah-unfinished";

  private final WalFetcher fetcher = new WalFetcher();
  private final ReadAhead readAhead;
  // Of each archive, learned with each segment that is fetched from it.
  private final Map<String, Long> segmentSizes = new ConcurrentHashMap<>();

  /**
   * Makes a restorer.
   *
   * @param spool an own directory for files that are fetched ahead; what it holds is deleted, since
   *     nobody knows what a crash left there
   * @param threads how many files are fetched at a time, beside those that are asked for
   */
  public static WalRestorer open(Path spool, int threads) throws IOException {
    Files.createDirectories(spool);
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(spool)) {
      for (Path leftover : leftovers) {
        Files.delete(leftover);
      }
    }
    return new WalRestorer(spool, threads);
  }

  private WalRestorer(Path spool, int threads) {
    this.readAhead = new ReadAhead(fetcher, spool, threads);
  }

  /**
   * What is wanted.
   *
   * @param name the file
   * @param destination where to put it
   * @param systemId the database that it must be of, if that is known
   * @param ahead how many of the following segments to fetch ahead; 0 for none
   * @param patience how long to try again while the store can't be reached
   */
  public record Order(
      WalName name, Path destination, Optional<String> systemId, int ahead, Duration patience) {}

  /**
   * Restores a file.
   *
   * @throws PluginException of kind {@code PRECONDITION} if the archive's file is damaged or of
   *     another database
   * @throws StoreException of kind {@code NOT_FOUND} if the store says that it has no such file; of
   *     kind {@code UNAVAILABLE} if it couldn't be asked for as long as the order's patience lasts
   */
  public void restore(Archive archive, Order order) throws IOException {
    Path unfinished = sibling(order.destination());
    try {
      Optional<WalHeader> header = obtain(archive, order, unfinished);
      publish(unfinished, order.destination());
      if (order.ahead() > 0
          && header.isPresent()
          && order.name() instanceof WalName.Segment segment) {
        long size = header.get().segmentSize();
        readAhead.follow(
            archive, WalSegment.of(segment, size), size, order.systemId(), order.ahead());
      }
    } finally {
      Files.deleteIfExists(unfinished);
    }
    log.atInfo()
        .addKeyValue("wal", order.name().name())
        .addKeyValue("archive", archive.location())
        .log("WAL restored");
  }

  private Optional<WalHeader> obtain(Archive archive, Order order, Path unfinished)
      throws IOException {
    Optional<Path> ahead = takeAhead(archive, order);
    if (ahead.isPresent()) {
      try {
        Files.copy(ahead.get(), unfinished, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(ahead.get());
      }
      Optional<WalHeader> header = header(unfinished);
      if (header.isPresent()
          && order.name() instanceof WalName.Segment segment
          && header.get().contradiction(segment, Files.size(unfinished)).isEmpty()) {
        return header;
      }
    }
    return fetchPatiently(archive, order, unfinished);
  }

  private Optional<Path> takeAhead(Archive archive, Order order) throws IOException {
    Long segmentSize = segmentSizes.get(archive.location());
    if (order.ahead() > 0
        && order.name() instanceof WalName.Segment segment
        && segmentSize != null) {
      return readAhead.take(archive, WalSegment.of(segment, segmentSize));
    }
    return Optional.empty();
  }

  private Optional<WalHeader> fetchPatiently(Archive archive, Order order, Path unfinished)
      throws IOException {
    long deadline = System.nanoTime() + order.patience().toNanos();
    Backoff backoff = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(10));
    while (true) {
      try {
        Optional<WalHeader> header =
            fetcher.fetch(archive, order.name(), order.systemId(), unfinished);
        header.ifPresent(found -> segmentSizes.put(archive.location(), found.segmentSize()));
        return header;
      } catch (StoreException e) {
        if (!e.isTransient() || System.nanoTime() - deadline >= 0) {
          throw e;
        }
        log.atWarn()
            .addKeyValue("wal", order.name().name())
            .addKeyValue("archive", archive.location())
            .addKeyValue("reason", e.getMessage())
            .log("WAL can't be restored just now; it is tried again");
        backoff.pause();
      }
    }
  }

  private static Optional<WalHeader> header(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return WalHeader.parse(in.readNBytes(WalHeader.LENGTH));
    }
  }

  private static Path sibling(Path destination) {
    return destination.resolveSibling(destination.getFileName() + UNFINISHED);
  }

  private static void publish(Path unfinished, Path destination) throws IOException {
    try (FileChannel file = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
      file.force(true);
    }
    Files.move(unfinished, destination, StandardCopyOption.ATOMIC_MOVE);
    Path folder = destination.toAbsolutePath().getParent();
    if (folder != null) {
      try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
        directory.force(true);
      }
    }
  }

  @Override
  public void close() {
    readAhead.close();
  }
}
