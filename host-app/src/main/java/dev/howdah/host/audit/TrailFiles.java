package dev.howdah.host.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of one writer: appended to, forced to disk, rotated and expired. Used by one thread.
 */
final class TrailFiles implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(TrailFiles.class);

  /** File systems that are gone with the container or the machine's power. */
  private static final Set<String> EPHEMERAL =
      Set.of("tmpfs", "ramfs", "overlay", "overlayfs", "aufs", "fuse-overlayfs", "devtmpfs");

  private final AuditSettings.FileSink settings;
  private final String writer;
  private final Clock clock;
  private @Nullable FileChannel channel;
  private @Nullable Path current;
  private long committed;
  private Instant begun;
  private @Nullable FileChannel nextChannel;
  private @Nullable Path next;

  private TrailFiles(AuditSettings.FileSink settings, String writer, Clock clock) {
    this.settings = settings;
    this.writer = writer;
    this.clock = clock;
    this.begun = clock.instant();
  }

  /**
   * Makes the trail's folder.
   *
   * @throws AuditException if it can't be made, or is ephemeral though records have to be durable
   */
  static void prepare(Path directory, boolean durable) {
    try {
      Files.createDirectories(directory);
      String type = Files.getFileStore(directory).type().toLowerCase(Locale.ROOT);
      if (durable && EPHEMERAL.contains(type)) {
        throw new AuditException(
            "An audit rule asks for durable records, but the trail's folder %s is on %s, which a restart empties. Mount a persistent volume there, or set 'durable: false'."
                .formatted(directory, type));
      }
    } catch (IOException e) {
      throw new AuditException(
          "The audit trail's folder %s can't be made or read.".formatted(directory), e);
    }
  }

  /**
   * Opens what recovery found, cutting off what a crash left of a line.
   *
   * @return the files; {@link #fresh()} tells whether the current one needs its first line
   */
  static TrailFiles open(
      AuditSettings.FileSink settings, String writer, Clock clock, RecoveredChain recovered)
      throws IOException {
    TrailFiles files = new TrailFiles(settings, writer, clock);
    Path usable =
        recovered
            .file()
            .filter(
                file ->
                    recovered.length() > 0
                        || file.endsWith(files.name(recovered.lastSequence() + 1)))
            .orElse(null);
    if (usable == null) {
      files.prepareNext(recovered.lastSequence() + 1);
      files.goOnWithNext();
    } else {
      files.goOnWith(usable, recovered.length());
    }
    return files;
  }

  private void goOnWith(Path file, long length) throws IOException {
    FileChannel opened = FileChannel.open(file, StandardOpenOption.WRITE);
    if (opened.size() > length) {
      opened.truncate(length);
      opened.force(true);
    }
    opened.position(length);
    channel = opened;
    current = file;
    committed = length;
    begun = Files.getLastModifiedTime(file).toInstant();
  }

  private String name(long first) {
    return new TrailFileName(writer, first).fileName();
  }

  /** Whether the current file is still empty. */
  boolean fresh() {
    return committed == 0;
  }

  String currentName() {
    return current == null ? "" : String.valueOf(current.getFileName());
  }

  /** Writes after what is committed, but doesn't commit. */
  void append(byte[] block) throws IOException {
    FileChannel out = open();
    out.position(committed);
    ByteBuffer buffer = ByteBuffer.wrap(block);
    while (buffer.hasRemaining()) {
      out.write(buffer);
    }
  }

  /** Waits until everything written is on disk (fdatasync). */
  void force() throws IOException {
    open().force(false);
  }

  /** Makes what was appended part of the file. */
  void commit(long bytes) {
    committed += bytes;
  }

  /** Takes back what was appended and not committed. */
  void rollback() throws IOException {
    open().truncate(committed);
  }

  private FileChannel open() throws IOException {
    if (channel == null) {
      throw new IOException("The trail's file is closed.");
    }
    return channel;
  }

  boolean wantsRotation(long moreBytes) {
    boolean full = committed > 0 && committed + moreBytes > settings.rotateBytes();
    boolean old =
        !settings.rotateAfter().isZero()
            && committed > 0
            && Duration.between(begun, clock.instant()).compareTo(settings.rotateAfter()) > 0;
    return full || old;
  }

  /**
   * Makes the file that will follow, before anything says that it does: so a file that is named but
   * missing was removed.
   *
   * @param first number of its first line
   * @return its name
   */
  String prepareNext(long first) throws IOException {
    discardNext();
    Path file = settings.directory().resolve(name(first));
    if (Files.exists(file)) {
      if (Files.size(file) == 0) {
        Files.delete(file);
      } else {
        Files.move(
            file,
            settings.directory().resolve(name(first) + ".damaged"),
            StandardCopyOption.REPLACE_EXISTING);
        log.atError()
            .addKeyValue("file", file)
            .log("A file of the audit trail doesn't hold together; it is kept as .damaged");
      }
    }
    nextChannel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
    next = file;
    forceFolder();
    return name(first);
  }

  /** Goes on in the prepared file. */
  void goOnWithNext() throws IOException {
    closeCurrent();
    channel = nextChannel;
    current = next;
    nextChannel = null;
    next = null;
    committed = 0;
    begun = clock.instant();
  }

  /** Removes a prepared file that won't be used. */
  void discardNext() throws IOException {
    if (nextChannel != null) {
      nextChannel.close();
      nextChannel = null;
    }
    if (next != null) {
      Files.deleteIfExists(next);
      next = null;
    }
  }

  /** Finished files that the settings don't keep any longer, oldest first. */
  List<Path> expired() throws IOException {
    List<Path> finished =
        TrailFileName.list(settings.directory()).stream()
            .filter(file -> TrailFileName.parse(file).orElseThrow().writer().equals(writer))
            .filter(file -> !file.equals(current))
            .toList();
    int drop = 0;
    long bytes = 0;
    for (Path file : finished) {
      bytes += Files.size(file);
    }
    for (Path file : finished) {
      int left = finished.size() - drop;
      boolean many = settings.keepFiles() > 0 && left > settings.keepFiles();
      boolean large = settings.keepBytes() > 0 && bytes > settings.keepBytes();
      boolean old =
          !settings.keepFor().isZero()
              && Files.getLastModifiedTime(file)
                  .toInstant()
                  .isBefore(clock.instant().minus(settings.keepFor()));
      if (!many && !large && !old) {
        break;
      }
      bytes -= Files.size(file);
      drop++;
    }
    return finished.subList(0, drop);
  }

  /** Removes files whose removal the chain has recorded. */
  void remove(List<Path> files) throws IOException {
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
    forceFolder();
  }

  /** The last complete line of a finished file. */
  static Optional<TrailLines.Line> lastLine(Path file) throws IOException {
    TrailLines.Line last = null;
    try (TrailLines lines = new TrailLines(file)) {
      TrailLines.Line line;
      while ((line = lines.next()) != null) {
        if (line.terminated()) {
          last = line;
        }
      }
    }
    return Optional.ofNullable(last);
  }

  private void forceFolder() throws IOException {
    try (FileChannel folder = FileChannel.open(settings.directory(), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }

  private void closeCurrent() throws IOException {
    if (channel != null) {
      channel.close();
      channel = null;
    }
  }

  @Override
  public void close() throws IOException {
    discardNext();
    closeCurrent();
  }
}
