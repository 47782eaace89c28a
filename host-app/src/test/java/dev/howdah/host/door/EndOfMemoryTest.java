package dev.howdah.host.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.testing.Clusters;
import dev.howdah.host.testing.HostClient;
import dev.howdah.host.testing.Protocol;
import dev.howdah.host.testing.TestPlugin;
import dev.howdah.plugin.reconcile.Reconcile;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host whose plugin allocates without end ends at once, for Kubernetes to start a new one. */
class EndOfMemoryTest {

  private static final String GREEDY = "greedy.example.com";

  @TempDir Path home;

  /** The other process: a host, and a caller that makes its plugin greedy. */
  static final class Greedy {
    public static void main(String[] arguments) {
      EmbeddedHost host =
          EmbeddedHost.in(Path.of(arguments[0]))
              .classPathPlugins()
              .plugin(
                  "greedy",
                  TestPlugin.of(
                      GREEDY,
                      hooks ->
                          hooks.preReconcileCluster(
                              context -> {
                                List<byte[]> hoard = new ArrayList<>();
                                while (hoard.size() < Integer.MAX_VALUE) {
                                  hoard.add(new byte[1024 * 1024]);
                                }
                                return Reconcile.proceed();
                              })))
              .start();
      Protocol.Rpc pre = Protocol.rpc("ReconcilerHooks/Pre");
      try (HostClient client = new HostClient(host)) {
        System.out.println("calling");
        System.out.println(
            "answered " + pre.status(client.socket(GREEDY), pre.request(Clusters.naming(GREEDY))));
      }
      host.close();
    }
  }

  @Test
  void theProcessEndsWithExitCode3WithinSeconds() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Greedy.class.getName(),
                home.toString())
            .redirectErrorStream(true)
            .start();
    try {
      BufferedReader output =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      List<String> lines = new ArrayList<>();
      long called = 0;
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        lines.add(line);
        if (line.equals("calling")) {
          called = System.nanoTime();
        }
      }
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();

      assertThat(lines).contains("calling").noneMatch(line -> line.startsWith("answered"));
      assertThat(process.exitValue()).isEqualTo(3);
      assertThat(Duration.ofNanos(System.nanoTime() - called)).isLessThan(Duration.ofSeconds(10));
    } finally {
      process.destroyForcibly();
    }
  }
}
