package dev.howdah.benchmarks;

import dev.howdah.plugin.reconcile.Reconcile;
import java.util.List;

/** Whether a call takes longer in a host with two hundred plugins than in a host with one. */
final class ManyPluginsBenchmark implements Benchmark {

  private static final int MANY = 200;
  private static final int CALLERS = 8;
  private static final double TOLERANCE = 1.05;

  @Override
  public String name() {
    return "plugins";
  }

  @Override
  public List<Row> run(Pace pace) {
    try (Host one = hosting(1);
        Host many = hosting(MANY)) {
      Duel duel =
          new Duel(
              OperatorCalls.metadata(many.tcp(plugin(MANY / 2))),
              OperatorCalls.metadata(one.tcp(plugin(0))));
      duel.warmUp(pace, CALLERS);
      Duel.Outcome alone = duel.fight(pace, 1);
      Duel.Outcome crowd = duel.fight(pace, CALLERS);
      return List.of(
          new Row(
              "GetPluginMetadata with 200 plugins in the host against 1, one caller",
              "p50 %s and %s µs"
                  .formatted(
                      Load.number(alone.one().micros(50)), Load.number(alone.other().micros(50))),
              "p50 × %.3f".formatted(alone.median()),
              "± 5 %",
              Verdict.atMost(alone.median(), TOLERANCE, "of the p50")),
          new Row(
              "the same, eight callers",
              "%s and %s calls/s"
                  .formatted(
                      Load.number(crowd.one().perSecond()), Load.number(crowd.other().perSecond())),
              "throughput × %.3f".formatted(crowd.throughput()),
              "± 5 %",
              Verdict.atLeast(crowd.throughput(), 1 / TOLERANCE, "of the throughput")));
    }
  }

  private static Host hosting(int plugins) {
    return Host.with(
        builder -> {
          builder.classPathPlugins("dev.howdah.none");
          for (int i = 0; i < plugins; i++) {
            builder.plugin(
                "plain-" + i, new PlainPlugin(plugin(i), context -> Reconcile.proceed()));
          }
        });
  }

  private static String plugin(int number) {
    return "plain-" + number + ".howdah.dev";
  }
}
