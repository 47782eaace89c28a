package dev.howdah.host.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What plugins leave behind when a real host stops. */
@ExtendWith(OutputCaptureExtension.class)
class LeakWatchTest {

  @TempDir private Path home;

  @Test
  void saysNothingOfAPluginThatEndsWhatItBegan(CapturedOutput output) throws Exception {
    Leaks leaks =
        run(
            "tidy",
            """
            private final java.util.concurrent.ExecutorService pool =
                java.util.concurrent.Executors.newFixedThreadPool(2);
            @Override public void start() { pool.submit(() -> {}); }
            @Override public void stop() { pool.shutdown(); }
            """);

    assertThat(leaks.counted()).isEmpty();
    assertThat(output).doesNotContain("left something behind");
  }

  @Test
  void saysNothingOfWhatTheHostItselfKeepsAboutAPluginsRecords(CapturedOutput output)
      throws Exception {
    Leaks leaks =
        run(
            "records",
            """
            public record Settings(
                @Parameter(description = "Letters.", defaultValue = "abc")
                    @jakarta.validation.constraints.NotBlank String letters,
                java.util.Map<String, String> budgets) {}
            public record Wishes(
                @Parameter(description = "How many.", defaultValue = "3")
                    @jakarta.validation.constraints.Min(1) int size) {}
            public It(PluginConfiguration configuration) {
              configuration.bind(Settings.class);
            }
            private String size(HookContext context) {
              return context.parameters(Wishes.class).toString();
            }
            """,
            "java.util.Map.of(\"served\", true, \"size\", size(context))");

    assertThat(leaks.counted()).isEmpty();
    assertThat(output).doesNotContain("left something behind");
  }

  @Test
  void reportsAThreadLocalOfASharedThread(CapturedOutput output) throws Exception {
    ExecutorService shared = Executors.newSingleThreadExecutor();
    // Begun here, so that it is none of the plugin's threads.
    shared.submit(() -> {}).get();
    System.getProperties().put("test.shared", shared);
    try {
      Leaks leaks =
          run(
              "locals",
              """
              private static final ThreadLocal<Object> KEPT = new ThreadLocal<>();
              @Override public void start() throws Exception {
                ((java.util.concurrent.ExecutorService) System.getProperties().get("test.shared"))
                    .submit(() -> KEPT.set(new It())).get();
              }
              """);

      assertThat(leaks.counted()).containsExactly("locals.example.com: class-loader");
      assertThat(output).contains("a thread-local of a shared thread");
    } finally {
      System.getProperties().remove("test.shared");
      shared.shutdownNow();
    }
  }

  @Test
  void namesTheThreadsThatGoOn(CapturedOutput output) throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    System.getProperties().put("test.end", end);
    try {
      Leaks leaks =
          run(
              "threads",
              """
              @Override public void start() {
                Thread thread = new Thread(() -> {
                  try {
                    ((java.util.concurrent.CountDownLatch) System.getProperties().get("test.end"))
                        .await();
                  } catch (InterruptedException e) {}
                }, "leaked-by-start");
                // Found by its stack: it has another loader than the plugin's.
                thread.setContextClassLoader(null);
                thread.setDaemon(true);
                thread.start();
              }
              """);

      assertThat(leaks.counted()).containsExactly("threads.example.com: threads");
      assertThat(output)
          .contains("It left threads running: leaked-by-start. End them in Plugin.stop().");
    } finally {
      end.countDown();
      System.getProperties().remove("test.end");
    }
  }

  @Test
  void reportsAPluginWhoseClassesStayInMemory(CapturedOutput output) throws Exception {
    try {
      Leaks leaks =
          run(
              "held",
              """
              @Override public void start() { System.getProperties().put("test.held", this); }
              """);

      assertThat(leaks.counted()).containsExactly("held.example.com: class-loader");
      assertThat(output).contains("Something still refers to its classes");
    } finally {
      System.getProperties().remove("test.held");
    }
  }

  @Test
  void reportsAShutdownHook(CapturedOutput output) throws Exception {
    Leaks leaks =
        run(
            "hook",
            """
            @Override public void start() {
              Runtime.getRuntime().addShutdownHook(new Thread(() -> {}));
            }
            """);

    assertThat(leaks.counted()).containsExactly("hook.example.com: class-loader");
    assertThat(output).contains("a shutdown hook");
  }

  @Test
  void takesJdbcDriversOutOfTheList(CapturedOutput output) throws Exception {
    Leaks leaks =
        run(
            "driver",
            """
            public static class Mine implements java.sql.Driver {
              public java.sql.Connection connect(String url, java.util.Properties p) { return null; }
              public boolean acceptsURL(String url) { return false; }
              public java.sql.DriverPropertyInfo[] getPropertyInfo(
                  String url, java.util.Properties p) { return null; }
              public int getMajorVersion() { return 1; }
              public int getMinorVersion() { return 0; }
              public boolean jdbcCompliant() { return false; }
              public java.util.logging.Logger getParentLogger() { return null; }
            }
            @Override public void start() throws Exception {
              java.sql.DriverManager.registerDriver(new Mine());
            }
            """);

    // Nor is anything else reported: without the driver nothing holds the classes in memory.
    assertThat(leaks.counted()).containsExactly("driver.example.com: jdbc-driver");
    assertThat(output).contains("com.example.driver.It$Mine").contains("Deregister them");
  }

  private Leaks run(String id, String members) throws Exception {
    return run(id, members, "java.util.Map.of(\"served\", true)");
  }

  private Leaks run(String id, String members, String status) throws Exception {
    JarBuilder.jar()
        .manifest(id)
        .pluginSource(id, members, status)
        .write(home.resolve("drop-in").resolve(id + ".jar"));
    try (DropInHost host = DropInHost.start(home)) {
      assertThat(host.status(id).path("served").asBoolean()).isTrue();
      MeterRegistry meters = host.stop();
      return new Leaks(
          meters.find("howdah.plugin.leaks").counters().stream()
              .filter(counter -> counter.count() == 1)
              .map(
                  counter ->
                      counter.getId().getTag("plugin") + ": " + counter.getId().getTag("kind"))
              .toList());
    }
  }

  private record Leaks(List<String> counted) {}
}
