package dev.howdah.sanity;

import java.io.IOException;
import java.nio.file.Path;

/** Plugins for tests in other packages. */
public final class TestPlugins {
  /** Name and socket file of the plugin. */
  public static final String NAME = CorrectPlugin.NAME;

  private TestPlugins() {}

  /**
   * A plugin that is right, perhaps but for its version.
   *
   * @param folder where its socket goes
   * @param version what it calls its version
   */
  public static AutoCloseable onSocket(Path folder, String version) throws IOException {
    return CorrectPlugin.onSocket(folder, version);
  }
}
