package dev.howdah.plugins.objectstore.wal;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.store.StoreException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The oldest and the newest segment of an archive.
 *
 * @param first name of the first; empty if there is none
 * @param last name of the last of the newest timeline; empty if there is none
 */
public record WalInventory(Optional<String> first, Optional<String> last) {

  /** Looks into an archive. Lists two of its folders, not all. */
  public static WalInventory read(Archive archive) throws StoreException {
    String wals = archive.layout().wals();
    List<String> folders = archive.store().folders(wals);
    Optional<String> first = Optional.empty();
    for (String folder : folders) {
      first = segment(archive, wals + folder + "/", false);
      if (first.isPresent()) {
        break;
      }
    }
    Optional<String> last = Optional.empty();
    for (String folder : folders.reversed()) {
      last = segment(archive, wals + folder + "/", true);
      if (last.isPresent()) {
        break;
      }
    }
    return new WalInventory(first, last);
  }

  private static Optional<String> segment(Archive archive, String folder, boolean last)
      throws StoreException {
    AtomicReference<String> found = new AtomicReference<>();
    archive
        .store()
        .list(
            folder,
            object -> {
              String name = Codec.ofName(object.name()).strip(object.name());
              if (WalName.isOne(name) && WalName.parse(name) instanceof WalName.Segment) {
                found.set(name);
                return last;
              }
              return true;
            });
    return Optional.ofNullable(found.get());
  }
}
