package dev.howdah.host.audit;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who writes a chain: host name and instance id. The same host finds its id again in the trail's
 * folder after a restart, and a lock keeps a second process from taking it at the same time.
 */
final class WriterIdentity implements AutoCloseable {

  private final String name;
  private final @Nullable FileChannel lock;

  private WriterIdentity(String name, @Nullable FileChannel lock) {
    this.name = name;
    this.lock = lock;
  }

  /** An identity that ends with the process, for a trail without files. */
  static WriterIdentity transientOf(String host) {
    return new WriterIdentity(hostPart(host) + "-" + newInstance(), null);
  }

  /**
   * Takes the identity that this host had before, or a new one.
   *
   * @param directory the trail's folder
   * @param host the host's name
   * @throws IOException if the folder can't be read or written
   */
  static WriterIdentity take(Path directory, String host) throws IOException {
    String hostPart = hostPart(host);
    for (String known : known(directory, hostPart)) {
      FileChannel lock = tryLock(directory, known);
      if (lock != null) {
        return new WriterIdentity(known, lock);
      }
    }
    String name = hostPart + "-" + newInstance();
    FileChannel lock = tryLock(directory, name);
    if (lock == null) {
      throw new IOException("A writer's lock is taken though its id is new: " + name);
    }
    return new WriterIdentity(name, lock);
  }

  String name() {
    return name;
  }

  private static SortedSet<String> known(Path directory, String hostPart) throws IOException {
    Pattern pattern =
        Pattern.compile(
            "audit\\.(" + Pattern.quote(hostPart) + "-[0-9a-f]{8})\\.(lock|[0-9]{16}\\.jsonl)");
    SortedSet<String> names = new TreeSet<>();
    try (Stream<Path> entries = Files.list(directory)) {
      entries.forEach(
          entry -> {
            Matcher matcher = pattern.matcher(String.valueOf(entry.getFileName()));
            if (matcher.matches()) {
              names.add(matcher.group(1));
            }
          });
    }
    return names;
  }

  private static @Nullable FileChannel tryLock(Path directory, String name) throws IOException {
    FileChannel channel =
        FileChannel.open(
            directory.resolve("audit." + name + ".lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    try {
      FileLock taken = channel.tryLock();
      if (taken != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // Another trail of this very process has it.
    }
    channel.close();
    return null;
  }

  private static String hostPart(String host) {
    String safe =
        host.toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9-]+", "-")
            .replaceAll("^-+", "")
            .replaceAll("-+$", "");
    String named = safe.isEmpty() ? "host" : safe;
    return named.length() > 63 ? named.substring(0, 63) : named;
  }

  private static String newInstance() {
    return UUID.randomUUID().toString().substring(0, 8);
  }

  @Override
  public void close() throws IOException {
    if (lock != null) {
      lock.close();
    }
  }
}
