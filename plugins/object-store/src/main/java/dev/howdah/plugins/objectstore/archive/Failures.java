package dev.howdah.plugins.objectstore.archive;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.store.StoreException;
import java.io.IOException;

/** What failures of stores and files mean to the operator. */
public final class Failures {

  private Failures() {}

  /**
   * Runs something that may fail because of a store or a file.
   *
   * @param what what is being done, such as {@code archive 00000001.history}
   * @throws PluginException if it fails
   */
  public static <T> T translating(String what, Fallible<T> work) {
    try {
      return work.run();
    } catch (IOException e) {
      throw translate(what, e);
    }
  }

  /** Something that may fail. */
  @FunctionalInterface
  public interface Fallible<T> {
    /** Does it. */
    T run() throws IOException;
  }

  /** The failure as the operator gets to see it. */
  public static PluginException translate(String what, IOException e) {
    if (e instanceof StoreException store) {
      PluginException.Kind kind =
          switch (store.kind()) {
            case NOT_FOUND -> PluginException.Kind.NOT_FOUND;
            case EXISTS, CHANGED, DENIED, MISCONFIGURED -> PluginException.Kind.PRECONDITION;
            case FULL, UNAVAILABLE, INTERRUPTED -> PluginException.Kind.UNAVAILABLE;
          };
      return new PluginException(kind, "can't %s: %s".formatted(what, store.getMessage()), e);
    }
    return new PluginException(
        PluginException.Kind.INTERNAL,
        "can't %s: reading or writing a file failed; the log says which".formatted(what),
        e);
  }
}
