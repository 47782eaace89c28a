package dev.howdah.plugins.objectstore.archive;

import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.store.Content;
import dev.howdah.plugins.objectstore.store.ResumingInputStream;
import dev.howdah.plugins.objectstore.store.StoreException;
import dev.howdah.plugins.objectstore.store.WriteOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The WAL segment that somebody said is the first still needed, as the archive itself remembers it:
 * so it holds for whichever instance cares for the archive next. Neither that segment nor any after
 * it is deleted, on no timeline, whatever retention says. What lies before it is not deleted for
 * that alone: backups may need it.
 */
public final class FirstRequiredWal {

  private static final int LONGEST = 64;

  private FirstRequiredWal() {}

  /** Remembers it, in place of what was remembered before. */
  public static void record(Archive archive, WalName.Segment segment) throws StoreException {
    archive
        .store()
        .put(
            archive.layout().firstRequiredWal(),
            Content.of((segment.name() + "\n").getBytes(StandardCharsets.UTF_8)),
            WriteOptions.REPLACE);
  }

  /**
   * What is remembered, if anything.
   *
   * @throws IOException if it can't be read or understood; then nothing may be deleted
   */
  public static Optional<WalName.Segment> read(Archive archive) throws IOException {
    String key = archive.layout().firstRequiredWal();
    String name;
    try (ResumingInputStream in = ResumingInputStream.open(archive.store(), key)) {
      name = new String(in.readNBytes(LONGEST), StandardCharsets.UTF_8).strip();
    } catch (StoreException e) {
      if (e.kind() == StoreException.Kind.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
    if (WalName.isOne(name) && WalName.parse(name) instanceof WalName.Segment segment) {
      return Optional.of(segment);
    }
    throw new IOException("%s does not name a WAL segment".formatted(key));
  }
}
