package dev.howdah.plugins.objectstore.wal;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Archive.StoredWal;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.layout.WalHeader;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Brings one WAL file from an archive into a file, and makes sure that it is what its name says.
 * Thread-safe.
 */
final class WalFetcher {

  // The codec that worked last for an archive: asking for that key at once saves a listing.
  private final Map<String, Codec> lastCodec = new ConcurrentHashMap<>();

  /**
   * Fetches a file.
   *
   * @param archive where from
   * @param name which
   * @param systemId the database that it must be of, if that is known
   * @param target where to; overwritten
   * @return the header, if it is a segment
   * @throws PluginException of kind {@code PRECONDITION} if the archive's file is damaged or of
   *     another database
   * @throws StoreException of kind {@code NOT_FOUND} if the archive doesn't have it
   * @throws IOException of any other class if the target can't be written
   */
  Optional<WalHeader> fetch(Archive archive, WalName name, Optional<String> systemId, Path target)
      throws IOException {
    Codec guess = lastCodec.getOrDefault(archive.location(), Codec.NONE);
    try {
      return fetch(archive, name, archive.layout().wal(name, guess), guess, systemId, target);
    } catch (StoreException e) {
      if (e.kind() != StoreException.Kind.NOT_FOUND) {
        throw e;
      }
    }
    StoredWal found =
        find(archive, name)
            .orElseThrow(
                () ->
                    new StoreException(
                        StoreException.Kind.NOT_FOUND,
                        "%s has no %s".formatted(archive.location(), name.name()),
                        null));
    Optional<WalHeader> header =
        fetch(archive, name, found.object().key(), found.codec(), systemId, target);
    lastCodec.put(archive.location(), found.codec());
    return header;
  }

  private static Optional<StoredWal> find(Archive archive, WalName name) throws StoreException {
    Optional<StoredWal> whole = preferred(archive.find(name));
    // The last segment of a timeline that was left is archived under this name only.
    if (whole.isEmpty() && name instanceof WalName.Segment segment) {
      return preferred(archive.find(new WalName.Partial(segment)));
    }
    return whole;
  }

  // Barman takes a compressed file before an uncompressed one.
  private static Optional<StoredWal> preferred(List<StoredWal> candidates) {
    return candidates.stream().max(Comparator.comparing(StoredWal::codec));
  }

  private static Optional<WalHeader> fetch(
      Archive archive,
      WalName name,
      String key,
      Codec codec,
      Optional<String> systemId,
      Path target)
      throws IOException {
    try (InputStream in =
            StoredWalInputStream.open(
                () -> archive.open(key, codec),
                e -> damaged(archive, key, "it can't be decompressed", e));
        OutputStream out = Files.newOutputStream(target)) {
      in.transferTo(out);
    } catch (StoreException | FileSystemException e) {
      throw e;
    } catch (IOException e) {
      // A write that fails doesn't say where.
      throw new IOException("%s can't be written: %s".formatted(target, e.getMessage()), e);
    }
    return name instanceof WalName.Segment segment
        ? Optional.of(checked(archive, key, segment, systemId, target))
        : Optional.empty();
  }

  private static WalHeader checked(
      Archive archive, String key, WalName.Segment name, Optional<String> systemId, Path target)
      throws IOException {
    byte[] head;
    try (InputStream in = Files.newInputStream(target)) {
      head = in.readNBytes(WalHeader.LENGTH);
    }
    WalHeader header =
        WalHeader.parse(head)
            .orElseThrow(() -> damaged(archive, key, "it does not begin like a WAL segment", null));
    Optional<String> contradiction = header.contradiction(name, Files.size(target));
    if (contradiction.isPresent()) {
      throw damaged(archive, key, contradiction.get(), null);
    }
    if (systemId.isPresent() && !systemId.get().equals(header.systemIdText())) {
      throw damaged(
          archive,
          key,
          "it is of the database with system identifier %s, and this one is %s"
              .formatted(header.systemIdText(), systemId.get()),
          null);
    }
    return header;
  }

  private static PluginException damaged(
      Archive archive, String key, String why, @Nullable Throwable cause) {
    PluginException damage =
        new PluginException(
            PluginException.Kind.PRECONDITION,
            "%s/%s is not usable: %s".formatted(archive.store().location(), key, why));
    if (cause != null) {
      damage.initCause(cause);
    }
    return damage;
  }
}
