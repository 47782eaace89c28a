package dev.howdah.plugins.objectstore.wal;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.layout.WalHeader;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.store.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes sure that a new database doesn't write into another one's archive.
 *
 * <p>An archive isn't refused for holding something, but for holding what can't be this database's
 * past: WAL of another system identifier, or WAL of the same one that is not older than what is to
 * be written. So a database that was recovered, or that failed over before its first archived file,
 * goes on in its own archive.
 */
public final class EmptyArchiveCheck {

  private EmptyArchiveCheck() {}

  /**
   * Checks the archive that the first WAL file of a new database is about to be written to.
   *
   * @param archive the archive
   * @param source the file
   * @throws PluginException of kind {@code PRECONDITION} if the archive isn't this database's; the
   *     message says what was found
   */
  public static void check(Archive archive, Path source) throws IOException {
    WalName name = WalArchiver.nameOf(source);
    if (name instanceof WalName.History) {
      // It has no system identifier; the first segment, which comes next, has.
      return;
    }
    Found found = newest(archive);
    if (found == null) {
      return;
    }
    Optional<WalHeader> ours = header(Files.newInputStream(source));
    if (ours.isEmpty()) {
      // Labels of backups are no segments; their segment was archived before them.
      return;
    }
    refuseOtherDatabase(archive, found, ours.get().systemIdText());
    refuseOwnFuture(archive, found, name);
  }

  /**
   * Checks the archive that a database which is about to be restored will write to.
   *
   * @param archive the archive
   * @param systemId the database's system identifier
   * @throws PluginException of kind {@code PRECONDITION} if the archive is another database's
   */
  public static void check(Archive archive, String systemId) throws IOException {
    Found found = newest(archive);
    if (found != null) {
      refuseOtherDatabase(archive, found, systemId);
    }
  }

  private record Found(WalName.Segment name, StoredObject object) {}

  private static void refuseOtherDatabase(Archive archive, Found found, String ours)
      throws IOException {
    String key = found.object().key();
    Optional<WalHeader> theirs = header(archive.open(key, Codec.ofName(key)));
    if (theirs.isEmpty()) {
      throw refused(archive, "its %s can't be read as WAL".formatted(found.name().name()));
    }
    String systemId = theirs.get().systemIdText();
    if (!systemId.equals(ours)) {
      throw refused(
          archive,
          "it holds WAL up to %s of the database with system identifier %s, and this one is %s"
              .formatted(found.name().name(), systemId, ours));
    }
  }

  private static void refuseOwnFuture(Archive archive, Found found, WalName name) {
    if (found.name().name().compareTo(segmentOf(name).name()) > 0) {
      throw refused(
          archive,
          "it holds WAL of this database up to %s on timeline %d, which is newer than %s"
              .formatted(found.name().name(), found.name().timeline(), name.name()));
    }
  }

  private static WalName.Segment segmentOf(WalName name) {
    return switch (name) {
      case WalName.Segment segment -> segment;
      case WalName.Partial partial -> partial.of();
      case WalName.BackupLabel label -> label.of();
      case WalName.History history -> new WalName.Segment(history.timeline(), 0, 0);
    };
  }

  private static PluginException refused(Archive archive, String found) {
    return new PluginException(
        PluginException.Kind.PRECONDITION,
        ("the archive %s is not this database's: %s; give the Cluster another serverName or empty"
                + " the folder")
            .formatted(archive.location(), found));
  }

  private static Optional<WalHeader> header(InputStream source) throws IOException {
    try (InputStream in = source) {
      return WalHeader.parse(in.readNBytes(WalHeader.LENGTH));
    }
  }

  // Names sort by timeline first, so the last one is the newest of the newest timeline.
  private static @Nullable Found newest(Archive archive) throws IOException {
    String wals = archive.layout().wals();
    List<String> folders = archive.store().folders(wals);
    for (String folder : folders.reversed()) {
      Found[] last = new Found[1];
      archive
          .store()
          .list(
              wals + folder + "/",
              object -> {
                String name = Codec.ofName(object.name()).strip(object.name());
                if (WalName.isOne(name) && WalName.parse(name) instanceof WalName.Segment segment) {
                  last[0] = new Found(segment, object);
                }
                return true;
              });
      if (last[0] != null) {
        return last[0];
      }
    }
    return null;
  }
}
