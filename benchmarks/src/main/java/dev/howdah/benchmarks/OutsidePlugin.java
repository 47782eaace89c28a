package dev.howdah.benchmarks;

import dev.howdah.plugin.Hooks;
import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.PluginMetadata;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A drop-in: no AOT cache has its class. */
public final class OutsidePlugin implements Plugin {

  static final String NAME = "outside.example.com";

  /** Made by the host. */
  public OutsidePlugin() {}

  /** Puts it into a folder as a JAR of its own. */
  static void pack(Path folder) throws IOException {
    String file = OutsidePlugin.class.getName().replace('.', '/') + ".class";
    try (ZipOutputStream jar =
            new ZipOutputStream(Files.newOutputStream(folder.resolve("outside.jar")));
        InputStream content = OutsidePlugin.class.getClassLoader().getResourceAsStream(file)) {
      if (content == null) {
        throw new IllegalStateException("The class path has no " + file);
      }
      jar.putNextEntry(new ZipEntry("META-INF/howdah/plugin.properties"));
      jar.write(
          """
          class=%s
          id=outside
          name=%s
          version=1.0.0
          api=[1.0,2.0)
          """
              .formatted(OutsidePlugin.class.getName(), NAME)
              .getBytes(StandardCharsets.UTF_8));
      jar.putNextEntry(new ZipEntry(file));
      content.transferTo(jar);
    }
  }

  @Override
  public PluginMetadata metadata() {
    return PluginMetadata.of(NAME, "1.0.0").description("Is started.").build();
  }

  @Override
  public void register(Hooks hooks) {
    hooks.metrics(context -> List.of(), context -> List.of());
  }
}
