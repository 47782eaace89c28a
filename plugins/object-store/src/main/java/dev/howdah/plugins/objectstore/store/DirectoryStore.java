package dev.howdah.plugins.objectstore.store;

import dev.howdah.plugins.objectstore.store.StoreException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A local or mounted directory as a store: each object is a file.
 *
 * <p>A file is written under {@value #UNFINISHED}, flushed to the disk, and only then linked to its
 * name (which fails if the name is taken) or renamed over it; then its folder is flushed, too. So a
 * crash at any moment leaves the old object, the new one or none, never half of one.
 */
public final class DirectoryStore implements Store {

  /** The folder below the root for files that aren't whole yet; never listed. */
  static final String UNFINISHED = ".howdah-unfinished";

  private static final Logger log = LoggerFactory.getLogger(DirectoryStore.class);
  // Each is lost only to a deletion that empties the folder at that very moment.
  private static final int ATTEMPTS = 50;
  private static final int MOST_AT_ONCE = 128 * 1024;
  // Longer than any archive takes to write, or waits between two parts.
  private static final Duration ABANDONED_AFTER = Duration.ofDays(7);

  private final Path root;

  private DirectoryStore(Path root) {
    this.root = root;
  }

  /**
   * Opens a directory that exists. One that doesn't isn't created: it may be the mount point of a
   * file system that isn't there yet, and then the files would go to the wrong disk. What processes
   * that were killed left unfinished long ago is removed.
   *
   * @throws StoreException of kind {@code MISCONFIGURED} if it isn't a directory
   */
  public static DirectoryStore open(Path root) throws StoreException {
    Path absolute = root.toAbsolutePath().normalize();
    if (!Files.isDirectory(absolute)) {
      throw new StoreException(
          Kind.MISCONFIGURED,
          "the directory %s doesn't exist; create or mount it".formatted(absolute),
          null);
    }
    DirectoryStore store = new DirectoryStore(absolute);
    store.removeAbandoned(Instant.now().minus(ABANDONED_AFTER));
    return store;
  }

  // The age of the last byte decides: another process may be writing into this directory, too. A
  // directory that can only be read is a store as well.
  private void removeAbandoned(Instant before) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(root.resolve(UNFINISHED))) {
      for (Path file : files) {
        if (Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      log.atDebug()
          .addKeyValue("store", location())
          .setCause(e)
          .log("What was left unfinished can't be removed just now");
    }
  }

  @Override
  public String location() {
    return "file://" + root;
  }

  @Override
  public PartLimits partLimits() {
    return new PartLimits(64 * 1024, 1 << 30, Integer.MAX_VALUE);
  }

  @Override
  public Optional<StoredObject> find(String key) throws StoreException {
    Path path = path(key);
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      return attributes.isRegularFile() ? Optional.of(object(key, attributes)) : Optional.empty();
    } catch (NoSuchFileException | NotDirectoryException e) {
      checkRoot();
      return Optional.empty();
    } catch (IOException e) {
      if (isNotADirectory(e)) {
        return Optional.empty();
      }
      throw failure("look up", key, e);
    }
  }

  @Override
  public Download read(String key, long offset, @Nullable String version) throws StoreException {
    StoredObject object = unchanged(key, version);
    try {
      FileChannel channel = FileChannel.open(path(key), StandardOpenOption.READ);
      channel.position(offset);
      return new Download(object, Channels.newInputStream(channel));
    } catch (IOException e) {
      throw failure("read", key, e);
    }
  }

  @Override
  public void list(String prefix, Visitor visitor) throws StoreException {
    checkRoot();
    int slash = prefix.lastIndexOf('/');
    String folder = Keys.checkedFolder(prefix.substring(0, slash + 1));
    visit(folder, prefix.substring(slash + 1), visitor);
  }

  private boolean visit(String folder, String namePrefix, Visitor visitor) throws StoreException {
    for (Entry entry : entries(folder)) {
      if (!entry.name().startsWith(namePrefix)) {
        continue;
      }
      String key = folder + entry.name();
      boolean more;
      if (entry.attributes().isDirectory()) {
        more = visit(key + "/", "", visitor);
      } else {
        more = visitor.visit(object(key, entry.attributes()));
      }
      if (!more) {
        return false;
      }
    }
    return true;
  }

  @Override
  public List<String> folders(String folder) throws StoreException {
    checkRoot();
    return entries(Keys.checkedFolder(folder)).stream()
        .filter(entry -> entry.attributes().isDirectory())
        .map(Entry::name)
        .toList();
  }

  private record Entry(String name, BasicFileAttributes attributes) {
    // In the order of whole keys a folder stands where its name with the slash does.
    String orderedBy() {
      return attributes.isDirectory() ? name + "/" : name;
    }
  }

  private List<Entry> entries(String folder) throws StoreException {
    List<Entry> entries = new ArrayList<>();
    Path directory = root.resolve(folder);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        if (folder.isEmpty() && name.equals(UNFINISHED)) {
          continue;
        }
        try {
          entries.add(new Entry(name, Files.readAttributes(file, BasicFileAttributes.class)));
        } catch (NoSuchFileException e) {
          // Deleted since; a listing need not show it.
          continue;
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw failure("list", folder, new IOException(e));
    } catch (IOException e) {
      throw failure("list", folder, e);
    }
    entries.sort(Comparator.comparing(Entry::orderedBy));
    return entries;
  }

  @Override
  public void put(String key, Content content, WriteOptions options) throws StoreException {
    Path unfinished = unfinished(key);
    try {
      try (FileChannel channel = create(unfinished);
          InputStream in = content.open()) {
        byte[] buffer = new byte[128 * 1024];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          writeFully(channel, ByteBuffer.wrap(buffer, 0, read), -1);
        }
        channel.force(true);
      }
      publish(unfinished, key, options);
    } catch (IOException e) {
      throw failure("store", key, e);
    } finally {
      discard(unfinished);
    }
  }

  @Override
  public Upload upload(String key, int partSize, WriteOptions options) throws StoreException {
    Path unfinished = unfinished(key);
    try {
      return new FileUpload(key, partSize, options, unfinished, create(unfinished));
    } catch (IOException e) {
      throw failure("store", key, e);
    }
  }

  private final class FileUpload implements Upload {
    private final String key;
    private final int partSize;
    private final WriteOptions options;
    private final Path unfinished;
    private final FileChannel channel;

    FileUpload(
        String key, int partSize, WriteOptions options, Path unfinished, FileChannel channel) {
      this.key = key;
      this.partSize = partSize;
      this.options = options;
      this.unfinished = unfinished;
      this.channel = channel;
    }

    @Override
    public void part(int number, byte[] bytes, int length) throws StoreException {
      try {
        writeFully(channel, ByteBuffer.wrap(bytes, 0, length), (number - 1L) * partSize);
      } catch (IOException e) {
        throw failure("store", key, e);
      }
    }

    @Override
    public void complete() throws StoreException {
      try {
        channel.force(true);
        channel.close();
        publish(unfinished, key, options);
      } catch (IOException e) {
        throw failure("store", key, e);
      }
      discard(unfinished);
    }

    @Override
    public void abort() throws StoreException {
      try {
        channel.close();
      } catch (IOException e) {
        throw failure("give up", key, e);
      } finally {
        discard(unfinished);
      }
    }
  }

  @Override
  public void delete(Collection<String> keys) throws StoreException {
    for (String key : keys) {
      Path path = path(key);
      try {
        Files.deleteIfExists(path);
        pruneEmptyFolders(path.getParent());
      } catch (IOException e) {
        if (!isNotADirectory(e)) {
          throw failure("delete", key, e);
        }
      }
    }
  }

  private void pruneEmptyFolders(@Nullable Path from) throws IOException {
    Path folder = from;
    while (folder != null && !folder.equals(root)) {
      try {
        Files.deleteIfExists(folder);
      } catch (DirectoryNotEmptyException e) {
        break;
      }
      folder = folder.getParent();
    }
    // What is deleted must not come back after a crash.
    if (folder != null) {
      flushFolder(folder);
    }
  }

  private void publish(Path unfinished, String key, WriteOptions options) throws IOException {
    Path folder = parent(path(key));
    for (int attempt = 1; ; attempt++) {
      try {
        createFolders(folder);
        name(unfinished, key, options);
        break;
      } catch (NoSuchFileException e) {
        // A deletion may have pruned an empty folder just now.
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
    flushFolder(folder);
  }

  private void name(Path unfinished, String key, WriteOptions options) throws IOException {
    Path target = path(key);
    try {
      if (options.onlyIfAbsent()) {
        Files.createLink(target, unfinished);
      } else {
        Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (FileAlreadyExistsException e) {
      throw new StoreException(Kind.EXISTS, "%s has %s already".formatted(location(), key), e);
    }
  }

  private void createFolders(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    Path above = parent(folder);
    if (folder.startsWith(root) && !folder.equals(root)) {
      createFolders(above);
    }
    try {
      Files.createDirectory(folder);
    } catch (FileAlreadyExistsException e) {
      // Made by someone else, and perhaps pruned again since.
      if (Files.isRegularFile(folder, LinkOption.NOFOLLOW_LINKS)) {
        throw e;
      }
    }
    flushFolder(above);
  }

  private static void flushFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (NoSuchFileException e) {
      // Pruned by someone else, who flushes the folder above.
      return;
    }
  }

  // The JDK copies what is written into memory outside the heap, as much as is written at once, and
  // keeps that for the thread; a sidecar has little of it.
  private static void writeFully(FileChannel channel, ByteBuffer bytes, long position)
      throws IOException {
    long at = position;
    int end = bytes.limit();
    while (bytes.position() < end) {
      bytes.limit(Math.min(end, bytes.position() + MOST_AT_ONCE));
      int written = position < 0 ? channel.write(bytes) : channel.write(bytes, at);
      at += written;
    }
  }

  private static FileChannel create(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  private Path unfinished(String key) throws StoreException {
    checkRoot();
    Path folder = root.resolve(UNFINISHED);
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw failure("store", key, e);
    }
    return folder.resolve(UUID.randomUUID().toString());
  }

  private static void discard(Path unfinished) throws StoreException {
    try {
      Files.deleteIfExists(unfinished);
    } catch (IOException e) {
      throw new StoreException(
          Kind.UNAVAILABLE, "the unfinished file %s can't be removed".formatted(unfinished), e);
    }
  }

  private Path path(String key) {
    Keys.checked(key);
    if (key.startsWith(UNFINISHED + "/") || key.equals(UNFINISHED)) {
      throw new IllegalArgumentException("'%s' is the store's own.".formatted(key));
    }
    return root.resolve(key);
  }

  private static Path parent(Path path) {
    Path parent = path.getParent();
    if (parent == null) {
      throw new IllegalStateException("%s has no folder.".formatted(path));
    }
    return parent;
  }

  // A root that has vanished (an unmounted file system) must not look like an empty store.
  private void checkRoot() throws StoreException {
    if (!Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS) && !Files.isDirectory(root)) {
      throw new StoreException(
          Kind.UNAVAILABLE, "the directory %s is not there any more".formatted(root), null);
    }
  }

  private static StoredObject object(String key, BasicFileAttributes attributes) {
    return new StoredObject(
        key,
        attributes.size(),
        attributes.lastModifiedTime().toInstant(),
        attributes.fileKey() + "-" + attributes.lastModifiedTime().toMillis());
  }

  private static boolean isNotADirectory(IOException e) {
    return e instanceof FileSystemException failed && "Not a directory".equals(failed.getReason());
  }

  private StoreException failure(String verb, String key, IOException e) {
    if (e instanceof StoreException already) {
      return already;
    }
    String what = "can't %s %s in %s".formatted(verb, key, location());
    if (e instanceof ClosedByInterruptException) {
      return new StoreException(Kind.INTERRUPTED, what + ": it was given up", e);
    }
    if (e instanceof AccessDeniedException) {
      return new StoreException(Kind.DENIED, what + ": permission denied", e);
    }
    String reason =
        e instanceof FileSystemException failed && failed.getReason() != null
            ? failed.getReason()
            : String.valueOf(e.getMessage());
    if (reason.contains("No space left") || reason.contains("quota exceeded")) {
      return new StoreException(Kind.FULL, what + ": no space left", e);
    }
    return new StoreException(Kind.UNAVAILABLE, what + ": " + reason, e);
  }

  @Override
  public void close() {}
}
