package dev.howdah.plugins.objectstore.wal;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.layout.WalName;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Archives, beside the file that PostgreSQL asks for, those that it will ask for next: the segments
 * marked ready. When it asks, they are on their way or stored already. What was sent ahead is only
 * remembered in memory; forgotten, it is compared with the archive and found there. Thread-safe.
 */
public final class LookAhead implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LookAhead.class);
  private static final String READY = ".ready";
  private static final int REMEMBERED = 256;

  private final WalArchiver archiver;
  private final ExecutorService threads;
  private final Map<Sent, Future<?>> sent = new LinkedHashMap<>();

  /**
   * Makes it.
   *
   * @param archiver stores the files
   * @param threads how many files at a time, over all archives
   */
  public LookAhead(WalArchiver archiver, int threads) {
    this.archiver = archiver;
    this.threads =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().daemon().name("wal-archive-", 1).factory());
  }

  // A segment's file is recycled under another name, never changed while it is ready.
  private record Sent(String archive, Path source) {}

  /**
   * Archives a file, and sends the following ones ahead.
   *
   * @param ahead whether to send any ahead
   * @throws IOException if the asked file can't be stored; of the others only the log knows
   */
  public void archive(Archive archive, WalWriteSettings settings, Path source, boolean ahead)
      throws IOException {
    Optional<Future<?>> underway = take(new Sent(archive.location(), source));
    if (ahead && settings.parallel() > 1) {
      sendAhead(archive, settings, source);
    }
    if (underway.isPresent() && succeeded(underway.get())) {
      return;
    }
    archiver.archive(archive, settings, source);
  }

  private synchronized Optional<Future<?>> take(Sent file) {
    return Optional.ofNullable(sent.remove(file));
  }

  private static boolean succeeded(Future<?> future) throws IOException {
    try {
      future.get();
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("archiving was given up", e);
    } catch (ExecutionException | CancellationException e) {
      return false;
    }
  }

  private void sendAhead(Archive archive, WalWriteSettings settings, Path source)
      throws IOException {
    for (Path next : readyAfter(source, settings.parallel() - 1)) {
      Sent file = new Sent(archive.location(), next);
      synchronized (this) {
        if (sent.containsKey(file)) {
          continue;
        }
        sent.put(
            file,
            threads.submit(
                () -> {
                  try {
                    archiver.archive(archive, settings, next);
                  } catch (IOException | PluginException e) {
                    log.atDebug()
                        .addKeyValue("wal", next.getFileName())
                        .setCause(e)
                        .log("WAL could not be sent ahead; it will be tried when asked for");
                    throw new IllegalStateException(e);
                  }
                }));
        // PostgreSQL may never ask for some, such as those that it recycled after a promotion.
        var eldest = sent.entrySet().iterator();
        while (sent.size() > REMEMBERED && eldest.hasNext()) {
          if (eldest.next().getValue().isDone()) {
            eldest.remove();
          }
        }
      }
    }
  }

  private static List<Path> readyAfter(Path source, int most) throws IOException {
    Path folder = source.getParent();
    if (folder == null || !(WalArchiver.nameOf(source) instanceof WalName.Segment current)) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(folder.resolve("archive_status"), "*" + READY)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        String wal = name.substring(0, name.length() - READY.length());
        if (WalName.isOne(wal)
            && WalName.parse(wal) instanceof WalName.Segment segment
            && segment.timeline() == current.timeline()
            && wal.compareTo(current.name()) > 0) {
          names.add(wal);
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw new IOException("archive_status can't be listed", e);
    }
    return names.stream().sorted().limit(most).map(folder::resolve).toList();
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
