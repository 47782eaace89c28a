package dev.howdah.plugins.objectstore.archive;

import dev.howdah.plugins.objectstore.layout.ArchiveLayout;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.layout.TimelineHistory;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.store.ResumingInputStream;
import dev.howdah.plugins.objectstore.store.Store;
import dev.howdah.plugins.objectstore.store.StoreException;
import dev.howdah.plugins.objectstore.store.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * The archive of one server in a store. Thread-safe.
 *
 * @param store where it is
 * @param layout where things lie in it
 */
public record Archive(Store store, ArchiveLayout layout) {

  /** Where it is, for messages. */
  public String location() {
    return store.location() + "/" + layout.server();
  }

  /**
   * An object that holds a WAL file.
   *
   * @param object the object
   * @param codec how it is compressed
   */
  public record StoredWal(StoredObject object, Codec codec) {}

  /**
   * Every object that holds a WAL file, whatever the codec; more than one if it was archived again
   * after the configuration changed.
   */
  public List<StoredWal> find(WalName name) throws StoreException {
    List<StoredWal> found = new ArrayList<>();
    store.list(
        layout.walPrefix(name),
        object -> {
          Codec codec = Codec.ofName(object.name());
          if (codec.strip(object.name()).equals(name.name())) {
            found.add(new StoredWal(object, codec));
          }
          return true;
        });
    return List.copyOf(found);
  }

  /** Opens an object's decompressed content. */
  public InputStream open(String key, Codec codec) throws IOException {
    ResumingInputStream in = ResumingInputStream.open(store, key);
    try {
      return codec.decompress(in);
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  /**
   * Where a timeline comes from; without a history file, from nowhere.
   *
   * @throws IOException if the file can't be read; a {@link StoreException} if that is the store's
   *     doing
   */
  public TimelineHistory history(int timeline) throws IOException {
    List<StoredWal> files = find(new WalName.History(timeline));
    if (files.isEmpty()) {
      return TimelineHistory.first(timeline);
    }
    try (InputStream in = open(files.getFirst().object().key(), files.getFirst().codec())) {
      return TimelineHistory.parse(timeline, in.readAllBytes());
    }
  }

  /** The newest timeline that has a history file; 1 if none has. */
  public int newestTimeline() throws StoreException {
    int[] newest = {1};
    store.list(
        layout.wals(),
        object -> {
          String name = Codec.ofName(object.name()).strip(object.name());
          boolean direct = object.key().equals(layout.wals() + object.name());
          if (direct
              && WalName.isOne(name)
              && WalName.parse(name) instanceof WalName.History history) {
            newest[0] = Math.max(newest[0], history.timeline());
          }
          return true;
        });
    return newest[0];
  }
}
