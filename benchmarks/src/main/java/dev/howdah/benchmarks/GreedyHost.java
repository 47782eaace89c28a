package dev.howdah.benchmarks;

import dev.howdah.host.EmbeddedHost;
import dev.howdah.plugin.reconcile.Reconcile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A process of its own: a host with a good plugin, and one that allocates without end. */
final class GreedyHost {

  static final String GOOD = "good.howdah.dev";
  static final String GREEDY = "greedy.howdah.dev";
  private static final int CHUNK_BYTES = 64 * 1024;

  private GreedyHost() {}

  /**
   * Serves until the process ends.
   *
   * @param arguments the host's folder
   */
  public static void main(String[] arguments) throws InterruptedException {
    EmbeddedHost.in(Path.of(arguments[0]))
        .classPathPlugins("dev.howdah.none")
        .plugin("good", new PlainPlugin(GOOD, context -> Reconcile.proceed()))
        .plugin("greedy", new PlainPlugin(GREEDY, context -> allocate()))
        .start();
    new CountDownLatch(1).await();
  }

  private static Reconcile allocate() {
    List<byte[]> hoard = new ArrayList<>();
    while (true) {
      hoard.add(new byte[CHUNK_BYTES]);
    }
  }
}
