package dev.howdah.host.door;

import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.sanity.Options;
import dev.howdah.sanity.Target;
import dev.howdah.sanity.junit.SanityTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.springframework.util.FileSystemUtils;

/** Holds every bundled plugin to the conformance tool, on its socket in a real host. */
class BundledPluginsConformTest {

  private static final Options OPTIONS = Options.defaults();

  private static Path home;
  private static EmbeddedHost host;

  @BeforeAll
  static void start() throws IOException {
    home = Files.createTempDirectory("hc");
    host =
        EmbeddedHost.in(home)
            // Without an image there is no sidecar, and what needs one has nowhere to run.
            .property("howdah.sidecar.inline.revisions.1.image", "registry.example/howdah:1")
            .start();
  }

  @AfterAll
  static void stop() throws IOException {
    host.close();
    FileSystemUtils.deleteRecursively(home);
  }

  @TestFactory
  Stream<DynamicNode> everyBundledPluginConforms() {
    Target[] sockets =
        host.catalog().all().stream()
            .map(PluginHandle::name)
            .map(host::socket)
            .map(Target.Socket::new)
            .toArray(Target[]::new);
    return SanityTests.of(OPTIONS, sockets);
  }
}
