package dev.howdah.plugins.objectstore.wal;

import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.layout.WalName;
import java.util.Map;

/**
 * How WAL is to be stored.
 *
 * @param codec how to compress it
 * @param tags tags of the objects
 * @param historyTags tags of history files instead of those, if there are any
 * @param parallel how many files at a time; those after the asked one are sent ahead
 */
public record WalWriteSettings(
    Codec codec, Map<String, String> tags, Map<String, String> historyTags, int parallel) {

  /** Uncompressed, one at a time. */
  public static final WalWriteSettings DEFAULT =
      new WalWriteSettings(Codec.NONE, Map.of(), Map.of(), 1);

  /** Copies the maps. */
  public WalWriteSettings {
    tags = Map.copyOf(tags);
    historyTags = Map.copyOf(historyTags);
  }

  Map<String, String> tagsFor(WalName name) {
    return name instanceof WalName.History && !historyTags.isEmpty() ? historyTags : tags;
  }
}
